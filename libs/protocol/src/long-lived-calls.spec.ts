import { LockstepError } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import type { TakeRequest } from './messages.js';
import { shard, startProtocol, withResolvers } from './testing/start-protocol.js';

const asked = (index: number): TakeRequest => ({ session: 'session', shard: { ...shard, index } });

describe('a take', () => {
  it('gets its own reply, although many are pending at once and some are delayed', async () => {
    const first = withResolvers<undefined>();
    const { client } = await startProtocol({
      take: async ({ shard: { index } }) => {
        if (index === 0) await first.promise;
        return { kind: 'refused', reason: 'paused', message: String(index) };
      },
    });
    const takes = Array.from({ length: 20 }, (_, index) => client.take(asked(index)));
    first.resolve(undefined);
    const outcomes = await Promise.all(takes);
    expect(outcomes).toMatchObject(takes.map((_, index) => ({ message: String(index) })));
  });

  it('succeeds after another take has failed', async () => {
    const { client } = await startProtocol({
      take: ({ shard: { index } }) => {
        if (index === 1) throw new LockstepError('protocol-violation', 'no such shard');
        return { kind: 'granted' };
      },
    });
    expect(await client.take(asked(0))).toMatchObject({ kind: 'granted' });
    await expect(client.take(asked(1))).rejects.toMatchObject({
      code: 'protocol-violation',
      message: expect.stringContaining('no such shard') as string,
    });
    expect(await client.take(asked(2))).toMatchObject({ kind: 'granted' });
  });

  it('fails at its deadline', async () => {
    const { connect } = await startProtocol({
      take: ({ shard: { index } }) =>
        index === 1 ? new Promise(() => undefined) : { kind: 'granted' },
    });
    const client = connect({ deadlineMs: 200 });
    expect(await client.take(asked(0))).toMatchObject({ kind: 'granted' });
    await expect(client.take(asked(1))).rejects.toMatchObject({ code: 'coordinator-unreachable' });
    expect(await client.take(asked(2))).toMatchObject({ kind: 'granted' });
  });
});
