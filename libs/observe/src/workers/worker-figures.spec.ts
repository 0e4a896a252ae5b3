import { describe, expect, it } from 'vitest';
import { median } from './worker-figures.js';

describe('median', () => {
  it('is the lower one of an even number of values, and undefined of none', () => {
    expect(median([])).toBeUndefined();
    expect(median([4, 1, 3, 2])).toBe(2);
  });
});
