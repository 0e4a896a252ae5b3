import { describe, expect, it, vi } from 'vitest';
import { Outbox, type OutboxOptions } from './outbox.js';

const limits = { most: 4, batch: 2, everyMs: 1, longestMs: 2 };

function outboxTo(send: OutboxOptions<number>['send'], changes: Partial<typeof limits> = {}) {
  const failing = vi.fn();
  return { outbox: new Outbox<number>({ ...limits, ...changes, send, failing }), failing };
}

describe('an outbox', () => {
  it('sends everything in order, some at once', async () => {
    const sent: (readonly number[])[] = [];
    const { outbox, failing } = outboxTo((items) => Promise.resolve(void sent.push(items)));
    for (const n of [1, 2, 3]) outbox.put(n);
    await vi.waitFor(() => expect(sent).toEqual([[1, 2], [3]]));
    outbox.put(4);
    await outbox.close(1_000);
    expect(sent.flat()).toEqual([1, 2, 3, 4]);
    expect(failing).not.toHaveBeenCalled();
  });

  it('sends refused items again, and reports the failure once', async () => {
    const sent: number[] = [];
    let away = 5;
    const { outbox, failing } = outboxTo((items) => {
      if (away-- > 0) return Promise.reject(new Error('away'));
      return Promise.resolve(void sent.push(...items));
    });
    outbox.put(1);
    outbox.put(2);
    await vi.waitFor(() => expect(sent).toEqual([1, 2]));
    expect(failing).toHaveBeenCalledExactlyOnceWith(new Error('away'));
  });

  it('forgets the oldest where too many wait', async () => {
    const sent: number[] = [];
    const { outbox } = outboxTo((items) => Promise.resolve(void sent.push(...items)), {
      everyMs: 60_000,
      longestMs: 60_000,
    });
    for (let n = 1; n <= 100; n++) outbox.put(n);
    await outbox.close(1_000);
    expect(sent.length).toBeLessThanOrEqual(limits.most + limits.batch);
    expect(sent.at(-1)).toBe(100);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
  });

  it('closes in time without a response', async () => {
    const { outbox } = outboxTo(
      (_items, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
    );
    outbox.put(1);
    await outbox.close(20);
  });
});
