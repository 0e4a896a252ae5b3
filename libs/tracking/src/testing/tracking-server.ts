import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A received request. */
export interface Heard {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly authorization: string | undefined;
}

/** An HTTP server that responds like MLflow's tracking server and records requests. */
export interface TrackingServer {
  readonly url: string;
  readonly port: number;
  readonly heard: readonly Heard[];
  /** All metrics logged, as `key step value`. */
  metrics(): string[];
  close(): Promise<void>;
}

export async function startTrackingServer(port = 0): Promise<TrackingServer> {
  const heard: Heard[] = [];
  const runs: { tags: unknown }[] = [];
  let experiment = false;
  const answer = (path: string, body: Record<string, unknown>): [number, object] => {
    switch (path) {
      case 'experiments/get-by-name':
        return experiment
          ? [200, { experiment: { experiment_id: '7' } }]
          : [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no such experiment' }];
      case 'experiments/create':
        experiment = true;
        return [200, { experiment_id: '7' }];
      case 'runs/search':
        return [200, runs.length > 0 ? { runs: [{ info: { run_id: 'r1' } }] } : {}];
      case 'runs/create':
        runs.push({ tags: body['tags'] });
        return [200, { run: { info: { run_id: 'r1' } } }];
      case 'runs/log-batch':
      case 'runs/update':
        return [200, {}];
      default:
        return [404, { error_code: 'ENDPOINT_NOT_FOUND' }];
    }
  };
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const { pathname } = new URL(request.url ?? '/', 'http://x');
      const path = pathname.replace('/api/2.0/mlflow/', '');
      const body = JSON.parse(text || '{}') as Record<string, unknown>;
      heard.push({ path, body, authorization: request.headers.authorization });
      const [status, reply] = answer(path, body);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  const close = (): Promise<void> => closed(server);
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    heard,
    metrics: () =>
      heard.flatMap(({ path, body }) =>
        path === 'runs/log-batch'
          ? ((body['metrics'] ?? []) as { key: string; step: number; value: number }[]).map(
              ({ key, step, value }) => `${key} ${step} ${value}`,
            )
          : [],
      ),
    close,
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
