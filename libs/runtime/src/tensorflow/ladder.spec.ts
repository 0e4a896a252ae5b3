import { describe, expect, it } from 'vitest';
import { climb, type Rung } from './ladder.js';
import type { AddonProof } from './native-addon.js';

const rung = (way: Rung['way'], name: string, result: AddonProof | undefined): Rung => ({
  way,
  name,
  attempt: () => Promise.resolve(result),
});
const fails = (reason: string): AddonProof => ({ ok: false, reason });

describe('climb', () => {
  it('takes the first way that is proven and gives a reason for each before it', async () => {
    const said: string[] = [];
    const rungs = [
      rung('prebuilt', 'in place', undefined),
      rung('prebuilt', 'download', fails('unreachable')),
      rung('wheel', 'wheel', { ok: true, version: '2.21.0' }),
      { ...rung('wheel', 'never', undefined), attempt: () => Promise.reject(new Error('tried')) },
    ];
    expect(await climb(rungs, (reason) => said.push(reason))).toEqual({
      reached: { way: 'wheel', version: '2.21.0' },
      passedOver: ['download: unreachable'],
    });
    expect(said).toEqual(['download: unreachable']);
  });

  it('reaches nothing where nothing works', async () => {
    const rungs = [rung('prebuilt', 'a', fails('x')), rung('wheel', 'b', fails('y'))];
    expect(await climb(rungs, () => undefined)).toEqual({ passedOver: ['a: x', 'b: y'] });
  });
});
