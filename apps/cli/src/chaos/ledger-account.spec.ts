import fc from 'fast-check';
import { planStep } from '@lockstep/data';
import { describe, expect, it } from 'vitest';
import { accountFor, firstDifference, type CountedStep } from './ledger-account.js';

const specs = fc
  .record({
    steps: fc.integer({ min: 1, max: 12 }),
    batch: fc.integer({ min: 1, max: 40 }),
    shardSize: fc.integer({ min: 1, max: 40 }),
  })
  .map((spec) => ({ ...spec, shardSize: Math.min(spec.batch, spec.shardSize) }));

const wholeLedger = (spec: { steps: number; batch: number; shardSize: number }): CountedStep[] =>
  Array.from({ length: spec.steps }, (_, i) => ({ step: i + 1, shards: planStep(spec, i + 1) }));

const samplesOf = (lines: readonly CountedStep[]): number =>
  lines.flatMap(({ shards }) => shards).reduce((sum, { sampleCount }) => sum + sampleCount, 0);

describe('the account of a ledger', () => {
  it('is clean when every shard of every step counted once', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const samples = spec.steps * spec.batch;
        expect(accountFor(spec, wholeLedger(spec))).toEqual({
          ...{ samples, samplesLost: 0, samplesDoubled: 0 },
        });
      }),
    );
  });

  it('finds what was left out and what counted again, to the sample', () => {
    fc.assert(
      fc.property(specs, fc.infiniteStream(fc.nat(2)), (spec, times) => {
        const lines = wholeLedger(spec).map(({ step, shards }) => ({
          step,
          shards: shards.map((shard) => ({ shard, copies: Number(times.next().value) })),
        }));
        const weigh = (weight: (copies: number) => number): number =>
          lines
            .flatMap(({ shards }) => shards)
            .reduce((sum, { shard, copies }) => sum + shard.sampleCount * weight(copies), 0);
        const ledger = lines.map(({ step, shards }) => ({
          step,
          shards: shards.flatMap(
            ({ shard, copies }) => Array(copies).fill(shard) as (typeof shard)[],
          ),
        }));
        const { samples, samplesLost, samplesDoubled } = accountFor(spec, ledger);
        expect(samplesLost).toBe(weigh((copies) => (copies === 0 ? 1 : 0)));
        expect(samplesDoubled).toBe(weigh((copies) => (copies === 2 ? 1 : 0)));
        expect(samples - samplesLost + samplesDoubled).toBe(samplesOf(ledger));
      }),
    );
  });

  it('counts a step beyond the last, and a line written twice, as doubled', () => {
    const spec = { steps: 2, batch: 10, shardSize: 4 };
    const lines = wholeLedger(spec);
    const beyond = { step: 3, shards: planStep(spec, 3) };
    const ledger = [...lines, ...lines.slice(0, 1), beyond];
    expect(accountFor(spec, ledger)).toMatchObject({ samplesLost: 0, samplesDoubled: 20 });
  });
});

describe('where two ledgers part', () => {
  const line = (step: number, ...hashes: string[]) => ({
    step,
    shards: hashes.map((sha256, index) => ({
      ...{ index, sampleCount: 1, worker: 'w', attempt: 1, sha256 },
    })),
  });
  it('is the first step with another gradient, or that one of them lacks', () => {
    const one = [line(1, 'a', 'b'), line(2, 'c', 'd')];
    expect(firstDifference(one, one)).toBeUndefined();
    expect(firstDifference(one, [line(1, 'a', 'b'), line(2, 'c', 'x')])).toBe(2);
    expect(firstDifference(one, one.slice(0, 1))).toBe(2);
    expect(firstDifference([], one)).toBe(1);
  });
});
