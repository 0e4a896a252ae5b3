import { describe, expect, it } from 'vitest';
import { chanceOf, LearningWatch } from './learning-watch.js';

const classes = (count: number) => ({ kind: 'classes', classes: count }) as const;

/** The alarm, if any, within this many equal steps of 200 samples. */
function alarmAfter(
  watch: LearningWatch,
  steps: number,
  { loss, accuracy = 0 }: { loss: number; accuracy?: number },
): string | undefined {
  const step = { loss, correctCount: 200 * accuracy, sampleCount: 200 };
  for (let i = 0; i < steps; i++) {
    const alarm = watch.observe(step);
    if (alarm) return alarm.code;
  }
  return undefined;
}

describe('the watch over learning', () => {
  it('raises an alarm, once, for a classification that still guesses', () => {
    const watch = new LearningWatch(classes(10));
    const guessing = { loss: Math.log(10), accuracy: 0.1 };
    expect(alarmAfter(watch, 99, guessing)).toBeUndefined();
    expect(alarmAfter(watch, 1, guessing)).toBe('at-chance');
    expect(alarmAfter(watch, 200, guessing)).toBeUndefined();
  });

  it.each([
    ['ten classes, above 1.5 times chance', 10, Math.log(10), 0.16],
    ['two classes, above 55 %', 2, Math.log(2), 0.56],
    ['a loss below that of guessing', 10, 0.9 * Math.log(10), 0.1],
  ])('raises none for %s', (_what, count, loss, accuracy) => {
    expect(alarmAfter(new LearningWatch(classes(count)), 200, { loss, accuracy })).toBeUndefined();
  });

  it('raises an alarm for two classes at 52 %', () => {
    const watch = new LearningWatch(classes(2));
    expect(alarmAfter(watch, 100, { loss: Math.log(2), accuracy: 0.52 })).toBe('at-chance');
  });

  it('takes a loss of unknown scale as exploded only relative to the first', () => {
    const regression = new LearningWatch({ kind: 'unknown' });
    expect(alarmAfter(regression, 300, { loss: 5e7 })).toBeUndefined();
    expect(alarmAfter(regression, 100, { loss: 1e16 })).toBe('loss-exploded');
    expect(alarmAfter(new LearningWatch(classes(10)), 1, { loss: 5e7 })).toBe('loss-exploded');
  });

  it('knows what guessing costs for an unweighted cross-entropy of classes alone', () => {
    const of = (loss: object, target: object) =>
      chanceOf({ model: { loss }, data: { target } } as never).kind;
    expect(of({ kind: 'cross-entropy', labelSmoothing: 0 }, { classes: 10 })).toBe('classes');
    expect(of({ kind: 'sigmoid-cross-entropy' }, { classes: 2 })).toBe('classes');
    expect(of({ kind: 'cross-entropy', classWeights: [1, 2] }, { classes: 2 })).toBe('unknown');
    expect(of({ kind: 'custom' }, { classes: 2 })).toBe('unknown');
    expect(of({ kind: 'mean-squared' }, { values: 1 })).toBe('unknown');
  });
});
