import { smallSpec } from '@lockstep/core/testing';
import { expect, it } from 'vitest';
import { summarise } from './run-report.js';

const schedule = { kind: 'step', every: 5, factor: 0.5 };
const optimizer = { kind: 'sgd', learningRate: 0.1, momentum: 0.9, schedule };

it('the summary of a spec names each setting of optimizer and schedule', () => {
  expect(summarise(smallSpec({ optimizer, clipNorm: 2 }))).toMatchObject({
    ...{ optimizer: 'sgd', learningRate: 0.1, optimizerSettings: { momentum: 0.9 } },
    ...{ schedule: 'step', scheduleSettings: { every: 5, factor: 0.5 } },
    ...{ clipNorm: 2, ema: null },
  });
});
