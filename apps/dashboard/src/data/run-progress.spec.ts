import { describe, expect, it } from 'vitest';
import type { RunReport } from '../api/reply.js';
import { parseRunEvent } from '../api/run-events.js';
import { earlierEvent } from './run-record.js';
import { advanceRun, hasEnded, secondsLeft } from './run-progress.js';

const run = {
  ...{ runId: 'r', state: 'running', reason: '2 workers ready', since: 1, step: 10, steps: 100 },
  ...{ version: 10, samplesPerSecond: 450, loss: 0.5, trainAccuracy: 0.8, learningRate: 0.03 },
  ...{ lastEvaluation: null, bestEvaluation: null, stepMs: 100, skippedSteps: 0 },
  spec: { batch: 50, ...measuredBy('accuracy', 'higher') },
} as unknown as RunReport;

function measuredBy(metric: string, better: 'higher' | 'lower') {
  return { metrics: [metric], metricTraits: { [metric]: { better, format: 'number' as const } } };
}

describe('advanceRun', () => {
  it('advances by a step, and keeps an accuracy that is not measured at every step', () => {
    const step = { event: 'step', at: 5, step: 11, loss: 0.4, samplesPerSecond: 500 } as const;
    const next = advanceRun(run, { ...step, workers: 2, stepMs: 90, learningRate: 0.02 });
    expect(next).toMatchObject({ step: 11, version: 11, loss: 0.4, trainAccuracy: 0.8 });
    expect(next).toMatchObject({ samplesPerSecond: 500, stepMs: 90, learningRate: 0.02 });
  });

  it('makes no samples while it does not run', () => {
    const paused = { event: 'state', at: 9, state: 'paused', reason: 'by a person' } as const;
    expect(advanceRun(run, paused)).toMatchObject({
      ...{ state: 'paused', reason: 'by a person', since: 9, samplesPerSecond: 0 },
    });
  });

  it('knows the last evaluation and the best', () => {
    const evaluation = { event: 'evaluation', at: 3, testLoss: 0.1 } as const;
    const measured = (accuracy: number) => ({ testAccuracy: accuracy, metrics: { accuracy } });
    const good = advanceRun(run, { ...evaluation, step: 20, ...measured(0.98) });
    const worse = advanceRun(good, { ...evaluation, step: 40, ...measured(0.97) });
    expect(worse.lastEvaluation?.step).toBe(40);
    expect(worse.bestEvaluation).toEqual({
      ...{ step: 20, ...measured(0.98), testLoss: 0.1, at: 3 },
    });
  });

  it('compares evaluations by the first metric, of which a lower value may be better', () => {
    const spec = { ...run.spec, ...measuredBy('mae', 'lower') };
    const evaluation = { event: 'evaluation', at: 3, testLoss: 1 } as const;
    const worse = advanceRun({ ...run, spec }, { ...evaluation, step: 20, metrics: { mae: 2 } });
    const good = advanceRun(worse, { ...evaluation, step: 40, metrics: { mae: 1 } });
    const diverged = advanceRun(good, { ...evaluation, step: 60, metrics: { mae: NaN } });
    expect(diverged.bestEvaluation?.step).toBe(40);
  });

  it('counts the steps that were skipped', () => {
    const alarm = { event: 'alarm', at: 3, code: 'step-skipped', message: 'no' } as const;
    expect(advanceRun(run, { ...alarm, skippedSteps: 2 }).skippedSteps).toBe(2);
  });

  it('is the same where an event says nothing about it', () => {
    const alarm = { event: 'alarm', at: 3, code: 'disk-full', message: 'no room' } as const;
    expect(advanceRun(run, alarm)).toBe(run);
  });
});

describe('secondsLeft', () => {
  it('is the time of the remaining samples', () => expect(secondsLeft(run)).toBe(10));

  it('is unknown while the run is not training', () => {
    expect(secondsLeft({ ...run, state: 'paused' })).toBeUndefined();
    expect(secondsLeft({ ...run, samplesPerSecond: 0 })).toBeUndefined();
  });
});

describe('hasEnded', () => {
  it.each([
    ['waiting-for-workers', false],
    ['running', false],
    ['paused', false],
    ['finished', true],
    ['stopped', true],
    ['failed', true],
  ] as const)('%s: %s', (state, ended) => expect(hasEnded({ ...run, state })).toBe(ended));
});

describe('parseRunEvent', () => {
  it('is one when it has a name and a time', () => {
    expect(parseRunEvent('{"event":"alarm","at":3,"code":"x","message":""}')).toBeDefined();
    for (const data of ['', '{', 'null', '7', '{"event":"alarm"}', '{"at":3}']) {
      expect(parseRunEvent(data)).toBeUndefined();
    }
  });

  it('is followed from the earlier of two ids', () => {
    expect(earlierEvent('abc-9', 'abc-10')).toBe('abc-9');
    expect(earlierEvent('a-b-20', 'a-b-3')).toBe('a-b-3');
  });
});
