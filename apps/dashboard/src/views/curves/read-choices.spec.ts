import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readChoices, writeRange } from './read-choices.js';

const read = (query: string) => readChoices(new URLSearchParams(query));

describe('readChoices', () => {
  it('has a default for everything', () => {
    expect(read('')).toEqual({ x: 'step', smoothing: 0.9, log: false, range: undefined, runs: [] });
  });

  it('parses choices', () => {
    expect(read('x=time&smooth=0&log=1&range=10_250.5&runs=a,b,a')).toEqual({
      ...{ x: 'time', smoothing: 0, log: true, range: { from: 10, to: 250.5 }, runs: ['a', 'b'] },
    });
  });

  it('takes nonsense for nothing', () => {
    const nonsense = 'x=up&smooth=7&log=yes&range=5_1&runs=,,';
    expect(read(nonsense)).toEqual(read(''));
    expect(read('smooth=abc&range=abc').range).toBeUndefined();
  });

  it('reads a range as it was written', () => {
    const whole = fc.integer({ min: 0, max: 999_998 });
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        const range = { from: Math.min(a, b), to: Math.max(a, b) + 1 };
        expect(read(`range=${writeRange(range)}`).range).toEqual(range);
      }),
    );
  });
});
