import { Client, credentials, status } from '@grpc/grpc-js';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  HealthCheckResponse_ServingStatus as Serving,
  HealthService,
  type HealthCheckResponse,
  type HealthListResponse,
} from './generated/grpc/health/v1/health.js';
import { startProtocol } from './testing/start-protocol.js';

type Method<Response> = {
  readonly path: string;
  readonly requestSerialize: (request: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
};

async function probe() {
  const { server } = await startProtocol();
  const raw = new Client(server.address, credentials.createInsecure());
  onTestFinished(() => raw.close());
  const ask = <Response>(method: Method<Response>, request: object): Promise<Response> =>
    new Promise((resolve, reject) =>
      raw.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request as never,
        (error, reply) => (error ? reject(error) : resolve(reply as Response)),
      ),
    );
  const check = (service: string): Promise<HealthCheckResponse> =>
    ask(HealthService.check, { service });
  const watch = (service: string) => {
    const { path, requestSerialize, responseDeserialize } = HealthService.watch;
    return raw.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service });
  };
  const list = (): Promise<HealthListResponse> => ask(HealthService.list, {});
  return { server, check, watch, list };
}

describe('grpc.health.v1', () => {
  it('reports that the server and its service serve, and knows no other service', async () => {
    const { check, list } = await probe();
    for (const service of ['', 'lockstep.v1.Lockstep']) {
      expect(await check(service)).toEqual({ status: Serving.SERVING });
    }
    await expect(check('other')).rejects.toMatchObject({ code: status.NOT_FOUND });
    expect(Object.keys((await list()).statuses)).toEqual(['', 'lockstep.v1.Lockstep']);
  });

  it('replies to a watcher at once, stays open, and ends with the server', async () => {
    const { server, watch } = await probe();
    const told: HealthCheckResponse[] = [];
    const unknown = watch('other');
    unknown.on('data', (response: HealthCheckResponse) => told.push(response));
    const known = watch('');
    const ended = [unknown, known].map(
      (stream) => new Promise<void>((resolve) => stream.once('end', resolve)),
    );
    const [first] = (await once(known, 'data')) as [HealthCheckResponse];
    expect(first).toEqual({ status: Serving.SERVING });
    await server.close(60_000); // would wait that long for an open stream
    await Promise.all(ended);
    expect(told).toEqual([{ status: Serving.SERVICE_UNKNOWN }]);
  });
});
