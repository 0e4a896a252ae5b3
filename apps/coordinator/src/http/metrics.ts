import { hasEnded, shardsPerStep } from '@lockstep/core';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LedRun } from './led-run.js';
import type { TimedEvent } from './run-history.js';
import { countStates } from './run-report.js';

/** The run as Prometheus sees it. */
export interface RunMetrics {
  observe(event: TimedEvent): void;
  /** The text of `/metrics`. */
  write(run: LedRun): Promise<string>;
  readonly contentType: string;
}

const STEP_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const CHECKPOINT_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Counters count this coordinator's life, as Prometheus expects of a process that may restart.
 *
 * @param startedAt events before it were another coordinator's
 */
export function createRunMetrics(startedAt: number): RunMetrics {
  const registers = [new Registry()] as [Registry];
  const gauge = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: Label[] = [],
  ): Gauge<Label> => new Gauge({ name: `lockstep_${name}`, help, labelNames, registers });
  const counter = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: Label[] = [],
  ): Counter<Label> => new Counter({ name: `lockstep_${name}`, help, labelNames, registers });

  const step = gauge('step', 'Last step committed');
  const steps = gauge('steps', 'Steps of the run');
  const term = gauge('term', 'Term of this coordinator');
  const state = gauge('run_state', '1 for the state the run is in', ['state']);
  const loss = gauge('loss', 'Mean cross-entropy of the last step, in nats');
  const testAccuracy = gauge('test_accuracy_ratio', 'Last test accuracy, from 0 to 1');
  const workers = gauge('workers', 'Workers by state', ['state']);
  const wanted = gauge('workers_wanted', 'Workers that can help; 0 when the run has ended');
  const jobs = gauge('queue_jobs', 'Jobs in the queue by state', ['state']);
  const samples = counter('samples_total', 'Training samples of committed steps');
  const contributions = counter('contributions_total', 'Answers by verdict', ['verdict']);
  const reissues = counter('reissues_total', 'Shards handed out again');
  const stepSeconds = new Histogram({
    name: 'lockstep_step_seconds',
    help: 'Time from one committed step to the next while running',
    buckets: STEP_SECONDS,
    registers,
  });
  const checkpointSeconds = new Histogram({
    name: 'lockstep_checkpoint_seconds',
    help: 'Time that saving a checkpoint took',
    buckets: CHECKPOINT_SECONDS,
    registers,
  });

  let lastStepAt: number | undefined;
  let stepsSeen = 0;
  const observe = ({ at, event }: TimedEvent): void => {
    if (at < startedAt) return;
    switch (event.event) {
      case 'step':
        if (lastStepAt !== undefined) stepSeconds.observe((at - lastStepAt) / 1000);
        lastStepAt = at;
        stepsSeen += 1;
        return loss.set(event.loss);
      case 'state':
        // A pause is no slow step.
        lastStepAt = undefined;
        return undefined;
      case 'evaluation':
        return testAccuracy.set(event.testAccuracy);
      case 'checkpoint':
        return checkpointSeconds.observe(event.milliseconds / 1000);
      case 'reissue':
        return reissues.inc();
      default:
        return undefined;
    }
  };

  const refresh = async (run: LedRun): Promise<void> => {
    const { collector, roster, spec } = run.service;
    const { condition, committedStep, term: current } = collector.state;
    step.set(committedStep);
    steps.set(spec.steps);
    term.set(current);
    state.reset();
    state.set({ state: condition.state }, 1);
    for (const [name, count] of Object.entries(countStates(run))) {
      workers.set({ state: name }, count);
    }
    wanted.set(hasEnded(condition.state) ? 0 : shardsPerStep(spec));
    samples.reset();
    samples.inc(stepsSeen * spec.batch);
    contributions.reset();
    for (const [verdict, count] of Object.entries(roster.verdicts())) {
      contributions.inc({ verdict }, count);
    }
    jobs.reset();
    // Redis may be away: the rest of the page is worth having all the same.
    const counts = await run.queue.counts().catch(() => ({}));
    for (const [name, count] of Object.entries(counts)) jobs.set({ state: name }, Number(count));
  };

  return {
    observe,
    write: async (run) => {
      await refresh(run);
      return registers[0].metrics();
    },
    contentType: registers[0].contentType,
  };
}
