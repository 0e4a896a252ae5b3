import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Evaluation, extendSpec } from '@lockstep/core';
import { Platter, type DiskFault } from './memory-disk.js';
import { smallSpec } from '@lockstep/core/testing';
import { readEvaluations, saveEvaluation, takeUpEvaluations } from './evaluation-files.js';

const evaluation = (version: number): Evaluation => ({
  version,
  testAccuracy: 0.75,
  testLoss: 0.1 + version,
  metrics: { accuracy: 0.75, mine: -3 },
  predictions: Uint16Array.of(7, 2, 1, version),
  confidences: Float32Array.of(0.9, 1 / 3, 0.5, 1),
});
const data = { ...smallSpec({}).data, testCount: 4, target: { classes: 10 } };
const spec = smallSpec({ data });
const PATH = 'evaluations/step-000000002.json';

async function saved(...versions: number[]) {
  const platter = new Platter();
  const disk = platter.process();
  for (const version of versions) await saveEvaluation(disk, spec, evaluation(version), 3);
  return { platter, disk };
}

describe('evaluations on the disk', () => {
  it('are taken up as they were; the oldest make room', async () => {
    const { disk } = await saved(1, 2, 3, 4);
    expect(await takeUpEvaluations(disk, spec, 4)).toEqual([2, 3, 4].map(evaluation));
  });

  it('of a regression have no predictions', async () => {
    const { testAccuracy: _none, ...figures } = evaluation(1);
    const none = { predictions: new Uint16Array(0), confidences: new Float32Array(0) };
    const found = { ...figures, ...none, metrics: { mae: 0.5 } };
    const regression = smallSpec({ data: { ...data, target: { values: 2 } } });
    const disk = new Platter().process();
    await saveEvaluation(disk, regression, found, 3);
    expect(await readEvaluations(disk, regression)).toEqual([found]);
  });

  it('of steps that are computed again, or of another spec, are gone', async () => {
    const { disk } = await saved(1, 2, 3);
    expect(await takeUpEvaluations(disk, spec, 2)).toEqual([1, 2].map(evaluation));
    expect(await disk.list('evaluations')).toHaveLength(2);
    expect(await takeUpEvaluations(disk, smallSpec({ data, seed: 2 }), 2)).toEqual([]);
  });

  it('of the steps before an extension stay', async () => {
    const { disk } = await saved(1, 2);
    expect(await takeUpEvaluations(disk, extendSpec(spec, 2, 8), 2)).toEqual(
      [1, 2].map(evaluation),
    );
    expect(await takeUpEvaluations(disk, extendSpec(spec, 1, 8), 2)).toEqual([evaluation(1)]);
  });

  it('that are torn or altered in any byte are passed over', async () => {
    const good = (await saved(2)).platter.peek(PATH) ?? new Uint8Array();
    const position = fc.nat(good.length - 1);
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 0, max: 255 }), async (at, change) => {
        const { disk } = await saved(1, 2);
        const bytes = change === 0 ? good.slice(0, at) : Uint8Array.from(good);
        if (change !== 0) bytes[at] = (bytes[at] ?? 0) ^ change;
        await disk.write(PATH, [bytes]);
        expect(await takeUpEvaluations(disk, spec, 2)).toEqual([evaluation(1)]);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['an accuracy above 1', { testAccuracy: 4e7 }],
    ['a loss that is not finite', { testLoss: NaN }],
    ['a class that the data do not have', { predictions: Uint16Array.of(7, 2, 1, 10) }],
    ['too few predictions', { predictions: Uint16Array.of(7) }],
    ['too many confidences', { confidences: new Float32Array(5) }],
    ['a confidence that is not finite', { confidences: Float32Array.of(0, NaN, 0, 0) }],
    ['a confidence above 1', { confidences: Float32Array.of(0, 1.5, 0, 0) }],
  ])('with %s are passed over', async (_what, wrong) => {
    const { disk } = await saved(1);
    await saveEvaluation(disk, spec, { ...evaluation(2), ...wrong }, 3);
    expect(await readEvaluations(disk, spec)).toEqual([evaluation(1)]);
    expect(await takeUpEvaluations(disk, spec, 2)).toEqual([evaluation(1)]);
  });

  it.each<DiskFault['how']>(['dies-before', 'dies-within', 'dies-after', 'no-room'])(
    'are there as a whole or not at all, whichever call of saving %s',
    async (how) => {
      for (let call = 1, done = false; !done; call++) {
        const { platter } = await saved(1);
        const disk = platter.process({ fault: { call, how } });
        const went = await saveEvaluation(disk, spec, evaluation(2), 3).then(
          () => true,
          () => false,
        );
        const found = await takeUpEvaluations(platter.process(), spec, 2);
        expect(found[0]).toEqual(evaluation(1));
        if (went) expect(found[1]).toEqual(evaluation(2));
        done = went && disk.calls < call;
      }
    },
  );
});
