import type { GradientBytes } from '@lockstep/core';
import { onTestFinished } from 'vitest';
import {
  createProtocolClient,
  createProtocolServer,
  type ContributionHeader,
  type ProtocolClient,
  type ProtocolClientOptions,
  type ProtocolHandlers,
  type ProtocolServer,
  type ProtocolServerOptions,
  type RunDescription,
  type ShardAttempt,
  type SubmitOutcome,
} from '../index.js';

export { withResolvers } from '../upload.js';

export const MB = 1_000_000;

export const shard: ShardAttempt = { term: 3, step: 7, index: 1, attempt: 2, evaluation: false };

export const description: RunDescription = {
  runId: 'run',
  term: 3,
  specJson: '{"steps":10}',
  specSha256: 'a'.repeat(64),
  heartbeatIntervalMs: 1_000,
  untrained: true,
};

/** Handlers as separate functions, which a test may wrap. */
type Handlers = { [Name in keyof ProtocolHandlers]: OmitThisParameter<ProtocolHandlers[Name]> };

/** Handlers that accept everything. */
export const agreeableHandlers: Handlers = {
  describe: () => description,
  register: () => ({
    kind: 'accepted',
    session: 'session',
    term: 3,
    workerId: 'w1-2',
    queue: 'run-3',
  }),
  follow: () => undefined,
  fetch: () => ({ kind: 'refused', reason: 'version-not-kept', message: 'no version is kept' }),
  take: () => ({ kind: 'granted' }),
  admit: () => undefined,
  factors: () => undefined,
  submit: () => ({ verdict: 'counted', message: 'counted' }),
  expectsState: () => true,
  uploadState: () => true,
  submitEvaluation: () => ({ verdict: 'counted', message: 'counted' }),
  heartbeat: () => ({ known: true, term: 3 }),
  leave: () => undefined,
};

export interface Started {
  readonly server: ProtocolServer;
  readonly client: ProtocolClient;
  readonly connect: (options?: Partial<ProtocolClientOptions>) => ProtocolClient;
}

/** A server on a free port and a client of it, closed after the test. */
export async function startProtocol(
  handlers: Partial<ProtocolHandlers> = {},
  options: Partial<ProtocolServerOptions> = {},
): Promise<Started> {
  const server = await createProtocolServer(
    { ...agreeableHandlers, ...handlers },
    { address: '127.0.0.1:0', maxPayloadBytes: 200 * MB, ...options },
  );
  onTestFinished(() => server.close(2_000));
  const connect: Started['connect'] = (changes = {}) => {
    const client = createProtocolClient({
      address: server.address,
      maxPayloadBytes: 200 * MB,
      ...changes,
    });
    onTestFinished(() => client.close());
    return client;
  };
  return { server, client: connect(), connect };
}

/** The header of a contribution, of any bytes: the protocol does not verify its hash. */
export const contributionHeader: ContributionHeader = {
  ...{ sampleCount: 25, lossSum: 57.25, metricSums: [9], cleanCorrectCount: 11 },
  ...{ session: 'session', runId: 'run', shard, wire: 'f32', sha256: 'c'.repeat(64) },
  timings: {
    ...{ idleMs: 0.5, waitMs: 1, decodeMs: 0.25, applyMs: 3 },
    ...{ computeMs: 40.5, encodeMs: 2, grantMs: 0, takeToSendMs: 46.75 },
  },
  proof: { version: 6, stateSha256: 'd'.repeat(64) },
};

/** Sections of patterned bytes. */
export function sectionsOf(factored: number, dense: number): GradientBytes {
  return { factored: patternBytes(factored), dense: patternBytes(dense) };
}

/** Sends a whole contribution. */
export function submitWhole(
  client: ProtocolClient,
  header: ContributionHeader,
  { factored, dense }: GradientBytes,
  options?: Parameters<ProtocolClient['submit']>[3],
): Promise<SubmitOutcome> {
  const { session, runId, shard: attempt, wire, ...rest } = header;
  const begin = { session, runId, shard: attempt, wire, sampleCount: header.sampleCount };
  return client.submit(begin, factored, { ...rest, dense }, options);
}

/** Bytes that vary, so that a lost or swapped chunk is detected. */
export function patternBytes(length: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 0x9e3779b1);
  return new Uint8Array(words.buffer, 0, length);
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean, boundMs = 20_000): Promise<void> {
  const end = performance.now() + boundMs;
  while (!condition()) {
    if (performance.now() > end)
      throw new Error(`not so within ${boundMs} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
