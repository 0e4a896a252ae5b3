import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut, tileAt, unitAfter, unitAt } from './atlas.js';

const shape = fc
  .tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 130 }),
  )
  .map((sizes): number[] => [...sizes]);
const width = fc.integer({ min: 60, max: 1400 });

describe('an atlas', () => {
  it('has a place for every map, within its width', () => {
    fc.assert(
      fc.property(shape, width, (sizes, available) => {
        const atlas = layOut(sizes, available);
        expect(atlas.width).toBeLessThanOrEqual(available);
        const last = tileAt(atlas, sizes[2] - 1);
        expect(last.x + atlas.tileWidth).toBeLessThanOrEqual(atlas.width);
        expect(last.y + atlas.tileHeight).toBeLessThanOrEqual(atlas.height);
      }),
    );
  });

  it('finds the unit under a point', () => {
    fc.assert(
      fc.property(shape, width, fc.nat(), fc.nat(), fc.nat(), (sizes, available, a, b, c) => {
        const [rows, columns, channels] = sizes as [number, number, number];
        const unit = { channel: a % channels, row: b % rows, column: c % columns };
        const atlas = layOut(sizes, available);
        const tile = tileAt(atlas, unit.channel);
        const x = tile.x + ((unit.column + 0.5) / columns) * atlas.tileWidth;
        const y = tile.y + ((unit.row + 0.5) / rows) * atlas.tileHeight;
        expect(unitAt(atlas, sizes, x, y)).toEqual(unit);
        expect(unitAt(atlas, sizes, tile.x + atlas.tileWidth + 1, y)).toBeUndefined();
        expect(unitAt(atlas, sizes, -1, y)).toBeUndefined();
      }),
    );
  });

  it('is walked by keys, round its edges', () => {
    const unit = { channel: 0, row: 0, column: 2 };
    expect(unitAfter(unit, 'ArrowRight', [2, 3, 4])).toEqual({ ...unit, column: 0 });
    expect(unitAfter(unit, 'ArrowUp', [2, 3, 4])).toEqual({ ...unit, row: 1 });
    expect(unitAfter(unit, 'PageUp', [2, 3, 4])).toEqual({ ...unit, channel: 3 });
    expect(unitAfter(unit, 'x', [2, 3, 4])).toBeUndefined();
  });
});
