import { hasEnded, shardsPerStep, totalSteps } from '@lockstep/core';
import type { LedRun } from '../led-run.js';
import { countStates } from '../run/run-report.js';
import { countTo, type Series } from './series.js';

/** What is read off the run at each scrape. */
export interface RunSeries {
  /** @param stepsSeen steps committed in this coordinator's life */
  refresh(run: LedRun, stepsSeen: number): void;
}

export function createRunSeries({ gauge, counter }: Series): RunSeries {
  const step = gauge('step', 'Last step committed');
  const steps = gauge('steps', 'Steps of the run');
  const term = gauge('term', 'Term of this coordinator');
  const state = gauge('run_state', '1 for the state the run is in', ['state']);
  const workers = gauge('workers', 'Workers by state', ['state']);
  const wanted = gauge('workers_wanted', 'Workers that can help; 0 when the run has ended');
  const samples = counter('samples_total', 'Training samples of committed steps');
  const contributions = counter('contributions_total', 'Answers by verdict', ['verdict']);
  return {
    refresh: (run, stepsSeen) => {
      const { collector, roster, spec } = run.service;
      const { condition, committedStep, term: current } = collector.state;
      step.set(committedStep);
      steps.set(totalSteps(spec));
      term.set(current);
      state.reset();
      state.set({ state: condition.state }, 1);
      for (const [name, count] of Object.entries(countStates(run))) {
        workers.set({ state: name }, count);
      }
      wanted.set(hasEnded(condition.state) ? 0 : shardsPerStep(spec));
      samples.reset();
      samples.inc(stepsSeen * spec.batch);
      countTo(contributions, { counted: 0, ...roster.verdicts() }, 'verdict');
    },
  };
}
