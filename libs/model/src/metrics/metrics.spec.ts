import type { Target } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { loadBackends, numbers } from '../../spec-backends.js';
import type { Targets } from '../losses/loss.js';
import { mostLikely } from './accuracy.js';
import { finishMetrics, metrics, metricWidth } from './registry.js';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('tensorflow');
});

/** The metric from sums over all samples at once, and over two slices. */
function metricOf(name: string, target: Target, outputs: number[][], targets: Targets): number {
  const metric = metrics.find((each) => each.name === name)!;
  const perSample = targets.length / outputs.length;
  const sums = (from: number, to: number): readonly number[] =>
    metric.sums(
      tf,
      tf.tensor2d(outputs.slice(from, to)),
      targets.slice(from * perSample, to * perSample),
    );
  const whole = sums(0, outputs.length);
  const first = sums(0, 2);
  const rest = sums(2, outputs.length);
  expect(whole).toHaveLength(metricWidth([name], target));
  const count = outputs.length;
  const inSlices = finishMetrics(
    [name],
    target,
    whole.map((_, i) => first[i] + rest[i]),
    count,
  );
  const found = finishMetrics([name], target, whole, count)[name];
  expect(inSlices[name]).toBeCloseTo(found, 12);
  return found;
}

const COUNT = 40;
const rowsOf = (width: number, seed: number): number[][] => {
  const values = numbers(COUNT * width, seed);
  return Array.from({ length: COUNT }, (_, i) => [...values.slice(i * width, (i + 1) * width)]);
};

it('accuracy and top-5 follow the order of the outputs', () => {
  const outputs = rowsOf(12, 3);
  const labels = Int32Array.from({ length: COUNT }, (_, i) => (i * 5) % 12);
  const rank = (row: number[], label: number): number =>
    row.filter((output) => output > row[label]).length;
  const share = (most: number): number =>
    outputs.filter((row, i) => rank(row, labels[i]) < most).length / COUNT;
  expect(metricOf('accuracy', { classes: 12 }, outputs, labels)).toBe(share(1));
  expect(metricOf('top5', { classes: 12 }, outputs, labels)).toBe(share(5));
});

it('one output decides between two classes at 0', () => {
  const outputs = [[-3], [0], [0.1], [7]];
  expect([...mostLikely(tf, tf.tensor2d(outputs))]).toEqual([0, 0, 1, 1]);
  expect(metricOf('accuracy', { classes: 2 }, outputs, Int32Array.of(0, 1, 1, 0))).toBe(0.5);
});

it('labels beyond 255 keep their number', () => {
  const outputs = [Array.from({ length: 300 }, (_, i) => (i === 299 ? 1 : 0))];
  expect([...mostLikely(tf, tf.tensor2d(outputs))]).toEqual([299]);
});

it('the area under the curve is the share of pairs in order, ties half', () => {
  const score = fc.integer({ min: -100, max: 100 }).map((eighths) => eighths / 8);
  const sample = fc.record({ score, label: fc.integer({ min: 0, max: 1 }) });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 3, maxLength: 30 }), (samples) => {
      const labels = Int32Array.from(samples, ({ label }) => label);
      const of = (label: number): number[] =>
        samples.filter((each) => each.label === label).map((each) => each.score);
      const pairs = of(1).flatMap((p) => of(0).map((n) => (p > n ? 1 : p === n ? 0.5 : 0)));
      const expected =
        pairs.length === 0 ? 0.5 : pairs.reduce<number>((a, b) => a + b, 0) / pairs.length;
      const one = samples.map((each) => [each.score]);
      const two = samples.map((each) => [1, 1 + each.score]);
      expect(metricOf('auc', { classes: 2 }, one, labels)).toBeCloseTo(expected, 12);
      expect(metricOf('auc', { classes: 2 }, two, labels)).toBeCloseTo(expected, 12);
    }),
    { numRuns: 30 },
  );
});

it('the errors of values equal their definitions', () => {
  const outputs = rowsOf(2, 5);
  const targets = numbers(2 * COUNT, 6);
  const target = { values: 2 };
  const flat = outputs.flat();
  const mean = (of: (error: number) => number): number =>
    flat.reduce((sum, output, i) => sum + of(output - targets[i]), 0) / flat.length;
  expect(metricOf('mae', target, outputs, targets)).toBeCloseTo(mean(Math.abs), 6);
  expect(metricOf('rmse', target, outputs, targets)).toBeCloseTo(Math.sqrt(mean((e) => e * e)), 6);
  const columns = [0, 1].map((column) => [...targets].filter((_, i) => i % 2 === column));
  const variation = columns.map((values) => {
    const centre = values.reduce((a, b) => a + b) / COUNT;
    return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  });
  const unexplained = mean((e) => e * e) * flat.length;
  const expected = 1 - unexplained / (variation[0] + variation[1]);
  expect(metricOf('r2', target, outputs, targets)).toBeCloseTo(expected, 6);
});
