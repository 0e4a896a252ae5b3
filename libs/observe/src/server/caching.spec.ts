import { describe, expect, it } from 'vitest';
import { remember, ReportCache } from './caching.js';

describe('remember', () => {
  it('makes a value once for all callers within a period', async () => {
    let [asked, now] = [0, 0];
    const value = remember(
      100,
      () => Promise.resolve(++asked),
      () => now,
    );
    expect(await Promise.all([value(), value()])).toEqual([1, 1]);
    now = 99;
    expect(await value()).toBe(1);
    now = 100;
    expect(await value()).toBe(2);
  });

  it('does not remember a failure', async () => {
    let fails = true;
    const value = remember(Infinity, () =>
      fails ? Promise.reject(new Error('x')) : Promise.resolve(7),
    );
    await expect(value()).rejects.toThrow('x');
    fails = false;
    expect(await value()).toBe(7);
  });
});

describe('ReportCache', () => {
  it('makes and writes a report once for a key, and anew for another', () => {
    let [made, written] = [0, 0];
    const cache = new ReportCache();
    const ask = (key: string): string =>
      cache.write(
        cache.keep(key, () => {
          made += 1;
          return { n: made, toJSON: () => ({ key, written: (written += 1) }) };
        }),
      );
    expect([ask('a'), ask('a'), ask('b')]).toEqual([
      '{"key":"a","written":1}',
      '{"key":"a","written":1}',
      '{"key":"b","written":2}',
    ]);
    expect([made, written]).toEqual([2, 2]);
  });
});
