import type { RunEvent, RunState } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { RunLine } from './run-line.js';

const started: RunEvent = {
  ...{ event: 'run-started', runId: 'r', model: 'm', parameterCount: 1, data: 'd' },
  ...{ trainCount: 1, testCount: 1, steps: 6_000, batch: 50, shardsPerStep: 2, usefulWorkers: 2 },
  ...{ inputShape: [28, 28, 1], classes: 10 },
  ...{ backend: 'native', fingerprint: 'f', numerics: 'strict', folder: 'runs/r' },
};
const step = (number: number, stepMs: number): RunEvent => ({
  ...{ event: 'step', step: number, loss: 0.2714, samplesPerSecond: 410, workers: 2, stepMs },
});
const state = (name: RunState): RunEvent => ({ event: 'state', state: name, reason: 'because' });

describe('the live line of a run', () => {
  const follow = (...events: RunEvent[]) => {
    const line = new RunLine();
    for (const event of events) line.observe(event);
    return line;
  };

  it('shows the time left at 80 and at 40 columns, from the steps after the first', () => {
    const line = follow(started, state('running'), step(1, 5_000), step(2, 100), step(3, 100));
    expect(line.draw(79)).toMatch(/^step 3\/6000 .* 9m60s left$|^step 3\/6000 .* 10m00s left$/);
    expect(line.draw(39)).toMatch(/ 10m00s left$/);
  });

  it('shows why the run does not advance instead of a time', () => {
    expect(follow(started).draw(39)).toMatch(/waiting for workers$/);
    const paused = follow(started, state('running'), step(1, 100), state('paused'));
    expect(paused.draw(39)).toMatch(/paused$/);
  });
});
