import { LockstepError, systemClock } from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';
import type { Engine } from '@lockstep/engine';
import type { ProtocolClient, ShardAttempt, TakeOutcome } from '@lockstep/protocol';
import type { TrainJob } from '@lockstep/queue';
import { noTracer } from '@lockstep/tracing';
import { describe, expect, it } from 'vitest';
import { ShardWork } from './compute-shard.js';
import { HeldState } from './state/held-state.js';

const job = (step: number, changes: Partial<TrainJob> = {}): TrainJob => ({
  ...{ kind: 'train', runId: 'run', term: 2, attempt: 1, version: step - 1, clean: false },
  ...{ shard: { step, index: 0, firstSample: 0, sampleCount: 1 }, ...changes },
});
const refused: TakeOutcome = { kind: 'refused', reason: 'not-needed', message: 'not open' };

/** The work of a session that holds version 0; a computation fails. */
async function session(answer: () => TakeOutcome = () => refused) {
  const computed: string[] = [];
  const run = (command: string): Promise<unknown> => {
    computed.push(command);
    if (command !== 'computeGradient') return Promise.resolve({ applyMs: 0 });
    return Promise.reject(new Error('this engine computes nothing'));
  };
  const engine = { run } as unknown as Engine;
  const asked: ShardAttempt[] = [];
  const client = {
    take: ({ shard }: { shard: ShardAttempt }) => {
      asked.push(shard);
      return Promise.resolve(answer());
    },
  } as unknown as ProtocolClient;
  const held = new HeldState(engine);
  await held.initialise();
  const failures: string[] = [];
  const work = new ShardWork({
    ...{ clock: systemClock, engine, client, held, tracer: noTracer, onVerdict: () => undefined },
    membership: {
      ...{ runId: 'run', term: 2, session: 's', workerId: 'w', queue: 'run-2' },
      spec: smallSpec({}),
    },
    onFailure: (error) => failures.push(LockstepError.from(error).message),
  });
  const { signal } = new AbortController();
  return {
    asked,
    computed,
    failures,
    held,
    handle: (each: TrainJob) => work.handle(each, { signal }),
  };
}

describe('a job from the queue', () => {
  it('of another run or of another term is dropped at once', async () => {
    const { handle, asked } = await session();
    for (const change of [{ runId: 'other' }, { term: 1 }, { term: 3 }]) {
      expect(await handle(job(1, change))).toBe('done');
    }
    expect(asked).toEqual([]);
  });

  it('whose version does not arrive is dropped once the coordinator has said that it is not needed', async () => {
    const { handle, asked, computed } = await session();
    expect(await handle(job(999))).toBe('done');
    expect(asked).toMatchObject([{ step: 999, index: 0, attempt: 1, term: 2 }]);
    expect(computed).not.toContain('computeGradient');
  });

  it('whose version arrives late is computed, with the grant that was given meanwhile', async () => {
    const update = { version: 1, shards: [], dense: new Uint8Array(0), sha256: '', decodeMs: 0 };
    let arrive = (): Promise<void> => Promise.resolve();
    const { handle, asked, computed, held } = await session(() => {
      void arrive();
      return { kind: 'granted' };
    });
    arrive = () => held.apply({ ...update, kind: 'update', prove: false, evaluated: false });
    await handle(job(2));
    expect(computed).toContain('computeGradient');
    expect(asked).toHaveLength(1);
  });

  it('whose version has been passed meanwhile is dropped', async () => {
    const { handle, held, computed } = await session();
    await held.load({ kind: 'snapshot', version: 5, sha256: '', state: new Uint8Array(4) });
    expect(await handle(job(2))).toBe('done');
    expect(computed).not.toContain('computeGradient');
  });
});
