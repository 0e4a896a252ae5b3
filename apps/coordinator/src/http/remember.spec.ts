import { describe, expect, it } from 'vitest';
import { remember } from './remember.js';

describe('remember', () => {
  it('asks once for all that ask in a while', async () => {
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
