import fc from 'fast-check';
import { expect, it } from 'vitest';
import { connectionLimits } from './connection-limits.js';

it('two listeners leave half of the descriptors, or 512, to files', () => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 2_000_000 }), (openFiles) => {
      const { total, unproved, unprovedPerAddress } = connectionLimits(openFiles);
      expect(openFiles - 2 * total).toBeGreaterThanOrEqual(Math.min(512, openFiles / 2));
      expect(unproved).toBeLessThanOrEqual(total);
      expect(unprovedPerAddress).toBeLessThanOrEqual(unproved);
      expect(unprovedPerAddress).toBeGreaterThan(0);
    }),
  );
  expect(connectionLimits(Infinity).total).toBe(10_000);
});

it('follow the limit of this process', () => {
  expect(connectionLimits().total).toBeGreaterThan(0);
  expect(connectionLimits().total).toBeLessThanOrEqual(10_000);
});
