import type { StepUpdate } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UpdateLog } from './update-log.js';

const RING = 256;
const bytes = fc.uint8Array({ maxLength: 60 });
const update: fc.Arbitrary<StepUpdate> = fc.record({
  shards: fc.array(
    bytes.map((factored) => ({ sampleCount: 1, factored, factoredSha256: '' })),
    { maxLength: 3 },
  ),
  dense: bytes,
});
/** Appends an update, and then takes out or skips all but the newest few, or nothing. */
const acts = fc.array(
  fc.record({
    update,
    then: fc.constantFrom('take', 'skip', 'nothing', 'nothing', 'nothing'),
    but: fc.nat(3),
  }),
  { maxLength: 40 },
);

const plain = ({ shards, dense }: StepUpdate): unknown => [
  ...shards.map(({ factored }) => [...factored]),
  [...dense],
];

describe('the log of updates', () => {
  it('gives back every byte, in order, however it is filled and emptied', () => {
    fc.assert(
      fc.property(acts, (list) => {
        const log = new UpdateLog(RING);
        const model: { version: number; update: unknown }[] = [];
        list.forEach(({ update: next, then, but }, index) => {
          const version = index + 1;
          model.push({ version, update: plain(next) });
          log.append({ version, update: next });
          const upTo = version - but;
          if (then === 'nothing') return;
          const due = model.splice(0, model.filter((each) => each.version <= upTo).length);
          if (then === 'take') {
            const taken = log.take(upTo);
            expect(taken.map((each) => ({ ...each, update: plain(each.update) }))).toEqual(due);
          } else {
            const last = log.skip(upTo);
            expect(last && plain(last.update)).toEqual(due.at(-1)?.update);
          }
          expect(log.steps).toBe(model.length);
        });
        const rest = log.take(Infinity);
        expect(rest.map((each) => ({ ...each, update: plain(each.update) }))).toEqual(model);
        expect(log.bytes).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('gives away what it copied, and what found no room as it came', () => {
    const log = new UpdateLog(64);
    const dense = Uint8Array.of(1, 2, 3);
    const large = new Uint8Array(100);
    log.append({ version: 1, update: { shards: [], dense } });
    log.append({ version: 2, update: { shards: [], dense: large } });
    dense.fill(0);
    const [first, second] = log.take(2);
    expect([...first.update.dense]).toEqual([1, 2, 3]);
    expect(first.update.dense.buffer.byteLength).toBe(3);
    expect(second.update.dense).toBe(large);
  });
});
