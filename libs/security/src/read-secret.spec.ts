import { LockstepError } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { allAtOnce, unreadable } from './read-secret.js';

const fails = (error: Error): Promise<never> => Promise.reject(error);

describe('allAtOnce', () => {
  it('returns the contents, in order', async () => {
    expect(await allAtOnce([Promise.resolve(1), 'two', undefined])).toEqual([1, 'two', undefined]);
  });

  it('names every unusable file once', async () => {
    const one = unreadable('--tls-ca', 'ca.crt', 'it is empty');
    const other = unreadable('--tls-key', 'x.key', 'it is empty');
    const both = allAtOnce([fails(one), allAtOnce([fails(other), fails(one)])]);
    await expect(both).rejects.toMatchObject({
      code: 'credentials-unreadable',
      message: '--tls-ca ca.crt: it is empty\n--tls-key x.key: it is empty',
      remedy: one.remedy,
    });
    await expect(allAtOnce([Promise.resolve(1), fails(one)])).rejects.toBe(one);
  });

  it('reports other errors first', async () => {
    const defect = new LockstepError('internal', 'a defect');
    const mistake = unreadable('--tls-ca', 'ca.crt', 'it is empty');
    await expect(allAtOnce([fails(mistake), fails(defect)])).rejects.toBe(defect);
  });
});
