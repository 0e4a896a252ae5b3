import { describe, expect, it } from 'vitest';
import { LockWatch } from './lock-watch.js';
import { Platter } from './memory-disk.js';
import type { LockTaker } from './run-lock.js';

const here: LockTaker = { host: 'here', pid: 1, isAlive: () => false };
const HOUR_MS = 3_600_000;

/** A run led on another host, whose record is renewed by `renew`. */
function ledElsewhere(skewMs: number) {
  const platter = new Platter();
  const time = { now: 1e9, monotonic: 0 };
  let renewals = 0;
  const renew = (): void => {
    renewals += 1;
    const record = { term: 1, host: 'there', pid: 1, at: 1e9 + skewMs, renewals };
    platter.plant('terms/1.json', Buffer.from(JSON.stringify(record)));
  };
  renew();
  const clock = { now: () => time.now, monotonicNow: () => time.monotonic };
  const watch = new LockWatch(clock, here);
  const look = (afterMs: number): Promise<boolean> => {
    time.monotonic += afterMs;
    return watch.isBeingWritten(platter.process());
  };
  return { look, renew, platter };
}

describe('watching who leads a run', () => {
  it.each([0, HOUR_MS, -HOUR_MS])(
    'believes changes, not a clock that is %i ms off',
    async (skewMs) => {
      const { look, renew } = ledElsewhere(skewMs);
      await look(0);
      renew();
      expect(await look(3_000)).toBe(true);
      expect(await look(3_000)).toBe(true);
      renew();
      expect(await look(600_000)).toBe(true);
      expect(await look(10_000)).toBe(false);
      renew();
      expect(await look(1)).toBe(true);
    },
  );

  it('judges by the time in the record at the first look', async () => {
    expect(await ledElsewhere(-5_000).look(0)).toBe(true);
    expect(await ledElsewhere(-HOUR_MS).look(0)).toBe(false);
  });

  it('knows a run without a term, and one that was released, to be led by none', async () => {
    const { look, platter } = ledElsewhere(0);
    const released = { term: 2, host: 'there', pid: 1, at: 0 };
    platter.plant('terms/2.json', Buffer.from(JSON.stringify(released)));
    expect(await look(0)).toBe(false);
    expect(
      await new LockWatch({ now: () => 0, monotonicNow: () => 0 }).isBeingWritten(
        new Platter().process(),
      ),
    ).toBe(false);
  });
});
