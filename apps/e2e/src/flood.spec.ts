import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createProtocolClient,
  type ProtocolClient,
  type RegisterRequest,
} from '@lockstep/protocol';
import { startRedis } from '@lockstep/runtime';
import { expect, inject, it, onTestFinished } from 'vitest';
import { startLockstep } from './harness/lockstep.js';
import { REFERENCE } from './harness/reference-run.js';
import { createSandbox } from './harness/sandbox.js';
import { succeed } from './harness/succeed.js';
import { finished, referenceSha256 } from './harness/train.js';

const CALLS = 3_000;
const MEGABYTE = 1_000_000;

/** A registration that is refused, with texts as long as the protocol allows. */
const request = (n: number): RegisterRequest => ({
  ...{ name: `${n}-${'x'.repeat(180)}`, host: 'y'.repeat(200), pid: 1, backend: 'native' },
  ...{ specSha256: 'a'.repeat(64), dataSha256: '', fingerprint: 'f', fingerprintFields: {} },
  processKey: new Uint8Array(32),
});

/** Calls as often as it can, over ten connections. @returns the codes of the errors, with counts */
async function flood(
  connect: () => ProtocolClient,
  call: (client: ProtocolClient, n: number) => Promise<unknown>,
): Promise<Record<string, number>> {
  const clients = Array.from({ length: 10 }, connect);
  onTestFinished(() => clients.forEach((client) => client.close()));
  const codes: Record<string, number> = {};
  const note = (code: string): void => void (codes[code] = (codes[code] ?? 0) + 1);
  const calls = clients.map(async (client, which) => {
    for (let n = 0; n < CALLS / clients.length; n++) {
      await call(client, which * CALLS + n).then(
        () => note('answered'),
        (error: { code: string }) => note(error.code),
      );
    }
  });
  await Promise.all(calls);
  return codes;
}

it('a flood of registrations and wrong tokens fills neither disk nor memory, and a worker joins meanwhile', async () => {
  const sandbox = createSandbox();
  const path = (name: string): string => join(sandbox.folder, name);
  const create = ['token', 'create', '--name', 'rack', '--tokens', path('join.json')];
  const token = await succeed(sandbox, ...create);
  writeFileSync(path('token'), token);
  const redis = await startRedis({ folder: sandbox.temporary });
  onTestFinished(() => redis.stop());
  const run = startLockstep(sandbox, [
    ...['coordinator', ...REFERENCE, '--data', inject('smallData'), '--out', sandbox.runs],
    ...['--redis', redis.url, '--json', '--heartbeat-timeout', '60000'],
    ...['--join-tokens', path('join.json'), '--http', '127.0.0.1:0', '--grpc', '127.0.0.1:0'],
  ]);
  const { grpc: address, http = '' } = await run.event('listening');
  await run.event('run-started');
  const holds = (joinToken: string) => () =>
    createProtocolClient({ address, maxPayloadBytes: MEGABYTE, joinToken: () => joinToken });
  const [refused, unknown] = await Promise.all([
    flood(holds(token.trim()), (client, n) => client.register(request(n))),
    flood(holds('lsj.00000000.wrong'), (client) => client.describe()),
  ]);
  expect(unknown['too-many-requests']).toBeGreaterThan(CALLS * 0.9);
  // How many are answered depends on how long the flood lasts.
  expect((refused['answered'] ?? 0) + (refused['too-many-requests'] ?? 0)).toBe(CALLS);

  const { workers } = (await (await fetch(`${http}/api/workers`)).json()) as {
    workers: unknown[];
  };
  expect(workers.length).toBeLessThanOrEqual(50);
  const metrics = await (await fetch(`${http}/metrics`)).text();
  const counted = (name: string): number =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0);
  expect(counted('lockstep_limited_calls_total{limit="refused-address"}')).toBeGreaterThan(1_000);

  const worker = startLockstep(sandbox, [
    ...['worker', '--redis', redis.url, '--coordinator', address],
    ...['--data', inject('smallData'), '--join-token-file', path('token')],
  ]);
  expect(await finished(run)).toBe(referenceSha256());
  expect(await worker.ended).toBe(0);
  const events = join(sandbox.runs, sandbox.runNames()[0] ?? '', 'events.jsonl');
  expect(statSync(events).size).toBeLessThan(MEGABYTE / 2);
  expect(run.stderr.length).toBeLessThan(MEGABYTE / 2);
  expect(run.stdout.length).toBeLessThan(MEGABYTE / 2);
  // Those that are left out are counted.
  const total = readFileSync(events, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { state?: string; omitted?: number })
    .filter(({ state }) => state === 'refused')
    .reduce((sum, { omitted = 0 }) => sum + 1 + omitted, 0);
  expect(total).toBe(refused['answered']);
}, 300_000);
