import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochPermutation, planEvaluation, planStep, shardSamples } from './plan-step.js';

const spec = fc.record({
  batch: fc.integer({ min: 1, max: 60 }),
  shardSize: fc.integer({ min: 1, max: 70 }),
  seed: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  data: fc.record({ trainCount: fc.integer({ min: 1, max: 100 }) }),
});

describe('epochPermutation', () => {
  it('visits each sample exactly once', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(1000), fc.integer({ min: 1, max: 5000 }), (seed, epoch, n) => {
        const order = epochPermutation(seed, epoch, n);
        expect(Uint32Array.from(order).sort()).toEqual(
          Uint32Array.from({ length: n }, (_, i) => i),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('is fixed for all time by seed and epoch', () => {
    expect([...epochPermutation(1, 0, 10)]).toEqual([3, 5, 2, 4, 8, 7, 6, 0, 1, 9]);
  });

  it('differs between seeds and epochs', () => {
    const orders = [
      epochPermutation(1, 0, 50),
      epochPermutation(1, 1, 50),
      epochPermutation(2, 0, 50),
    ];
    expect(new Set(orders.map((order) => order.join())).size).toBe(3);
  });

  it('puts each sample at each place about equally often', () => {
    const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    for (let epoch = 0; epoch < 4000; epoch++) {
      epochPermutation(9, epoch, 4).forEach((sample, place) => counts[place][sample]++);
    }
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('planStep', () => {
  it('cuts the batch into shards without gap or overlap', () => {
    fc.assert(
      fc.property(spec, fc.integer({ min: 1, max: 1e6 }), (run, step) => {
        const shards = planStep(run, step);
        let next = 0;
        shards.forEach((shard, index) => {
          expect(shard).toMatchObject({ step, index, firstSample: next });
          expect(shard.sampleCount).toBeGreaterThan(0);
          expect(shard.sampleCount).toBeLessThanOrEqual(run.shardSize);
          next += shard.sampleCount;
        });
        expect(next).toBe(run.batch);
      }),
    );
  });

  it('gives two workers the same shards and samples, in whatever order they ask', () => {
    fc.assert(
      fc.property(
        spec,
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 8 }),
        (run, steps) => {
          const ask = (step: number): string =>
            planStep(run, step)
              .map((shard) => shardSamples(run, shard).join())
              .join(';');
          const forwards = steps.map(ask);
          const backwards = [...steps].reverse().map(ask).reverse();
          expect(backwards).toEqual(forwards);
        },
      ),
    );
  });
});

describe('shardSamples', () => {
  it('covers every epoch exactly once, also where a batch straddles two', () => {
    fc.assert(
      fc.property(spec, (run) => {
        const { trainCount } = run.data;
        const epochs = 3;
        const line: number[] = [];
        for (let step = 1; line.length < epochs * trainCount; step++) {
          for (const shard of planStep(run, step)) line.push(...shardSamples(run, shard));
        }
        for (let epoch = 0; epoch < epochs; epoch++) {
          const visited = line.slice(epoch * trainCount, (epoch + 1) * trainCount);
          expect(visited).toEqual([...epochPermutation(run.seed, epoch, trainCount)]);
        }
      }),
    );
  });
});

describe('planEvaluation', () => {
  it('covers the test set without gap or overlap', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(99),
        fc.integer({ min: 1, max: 300 }),
        (count, version, size) => {
          const covered = planEvaluation(count, version, size).flatMap((shard, index) => {
            expect(shard).toMatchObject({ version, index });
            return Array.from({ length: shard.sampleCount }, (_, i) => shard.firstSample + i);
          });
          expect(covered).toEqual(Array.from({ length: count }, (_, i) => i));
        },
      ),
    );
  });
});
