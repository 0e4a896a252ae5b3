import { expect, it } from 'vitest';
import { filterLevels } from './filter-levels.js';

const facts = { layer: 'conv1', kind: 'conv2d', filterCount: 2 } as const;

it('shows a filter by its strongest weight, 0 in the middle', () => {
  const filters = { ...facts, height: 1, width: 3, channels: 1, values: [0, 0, 0, -2, 0, 1] };
  expect(filterLevels(filters, 1)).toEqual({
    ...{ low: -2, high: 2, levels: Uint8Array.of(0, 128, 191) },
  });
  expect(filterLevels(filters, 0)?.levels).toEqual(Uint8Array.of(128, 128, 128));
  expect([filterLevels(filters, 2), filterLevels(filters, -1)]).toEqual([undefined, undefined]);
});

it('takes the mean of the channels', () => {
  const filters = { ...facts, height: 1, width: 2, channels: 2, values: [1, 3, -2, -2] };
  expect(filterLevels(filters, 0)).toMatchObject({ high: 2, levels: Uint8Array.of(255, 0) });
});
