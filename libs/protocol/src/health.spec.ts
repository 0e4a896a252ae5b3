import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  HealthCheckResponse_ServingStatus as Serving,
  HealthService,
  type HealthCheckResponse,
  type HealthListResponse,
} from './generated/grpc/health/v1/health.js';
import { callRates } from './call-limits.js';
import { startProtocol } from './testing/start-protocol.js';

type Method<Response> = {
  readonly path: string;
  readonly requestSerialize: (request: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
};

async function probe(options: Parameters<typeof startProtocol>[1] = {}) {
  const { server } = await startProtocol({}, options);
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

  it('keeps a bounded number of watches open', async () => {
    const many = { connection: 10_000, address: 10_000, credential: 10_000 };
    const { watch, check } = await probe({ callRates: { ...callRates, health: many } });
    const codes = new Map<number, number>();
    for (let n = 0; n < 1_050; n++) {
      const stream = watch('');
      stream.on('data', () => undefined);
      stream.on('error', ({ code }: ServiceError) => codes.set(code, (codes.get(code) ?? 0) + 1));
    }
    await expect.poll(() => codes.get(status.RESOURCE_EXHAUSTED), { timeout: 20_000 }).toBe(50);
    expect(await check('')).toEqual({ status: Serving.SERVING });
  });
});
