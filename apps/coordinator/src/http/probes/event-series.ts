import type { WorkerEventState } from '@lockstep/core';
import type { TimedEvent } from '../history/read-events.js';
import type { Series } from './series.js';

const STEP_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const CHECKPOINT_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** There from the start, at 0: what comes first at 1 would be no increase to Prometheus. */
const WORKER_CHANGES: readonly WorkerEventState[] = [
  'joined',
  'left',
  'lost',
  'quarantined',
  'refused',
];
const ALARMS = [
  'at-chance',
  'checkpoint-damaged',
  'disk-full',
  'diverged',
  'loss-exploded',
  'mlflow-unreachable',
  'nondeterminism',
  'tensorboard-unwritable',
];

/** What the run's events tell. */
export interface EventSeries {
  observe(event: TimedEvent): void;
  /** Steps of this coordinator's life. */
  readonly steps: number;
}

/** @param startedAt events before it were another coordinator's */
export function createEventSeries(series: Series, startedAt: number): EventSeries {
  const { gauge, counter, histogram } = series;
  const loss = gauge('loss', 'Mean cross-entropy of the last step, in nats');
  const learningRate = gauge('learning_rate', 'Learning rate of the last step');
  const trainAccuracy = gauge('train_accuracy_ratio', 'Last training accuracy, from 0 to 1');
  const testAccuracy = gauge('test_accuracy_ratio', 'Last test accuracy, from 0 to 1');
  const testLoss = gauge('test_loss', 'Mean cross-entropy on the test set, in nats');
  const stepSeconds = histogram(
    'step_seconds',
    'Time from one committed step to the next while running',
    STEP_SECONDS,
  );
  const reissues = counter('reissues_total', 'Shards handed out again');
  const changes = counter('worker_changes_total', 'Workers that came and went', ['change']);
  const alarms = counter('alarms_total', 'Alarms raised', ['code']);
  const checkpointSeconds = histogram(
    'checkpoint_seconds',
    'Time that saving a checkpoint took',
    CHECKPOINT_SECONDS,
  );
  const checkpointBytes = gauge('checkpoint_bytes', 'Size of the last checkpoint');
  const checkpointStep = gauge('checkpoint_step', 'Step of the last checkpoint');
  for (const change of WORKER_CHANGES) changes.inc({ change }, 0);
  for (const code of ALARMS) alarms.inc({ code }, 0);

  let lastStepAt: number | undefined;
  let steps = 0;
  return {
    observe: ({ at, event }) => {
      if (at < startedAt) return;
      switch (event.event) {
        case 'step':
          if (lastStepAt !== undefined) stepSeconds.observe((at - lastStepAt) / 1000);
          lastStepAt = at;
          steps += 1;
          loss.set(event.loss);
          if (event.learningRate !== undefined) learningRate.set(event.learningRate);
          if (event.trainAccuracy !== undefined) trainAccuracy.set(event.trainAccuracy);
          return;
        case 'state':
          // A pause is no slow step.
          lastStepAt = undefined;
          return;
        case 'evaluation':
          testAccuracy.set(event.testAccuracy);
          testLoss.set(event.testLoss);
          return;
        case 'worker':
          return changes.inc({ change: event.state });
        case 'alarm':
          return alarms.inc({ code: event.code });
        case 'reissue':
          return reissues.inc();
        case 'checkpoint':
          checkpointSeconds.observe(event.milliseconds / 1000);
          checkpointBytes.set(event.bytes);
          checkpointStep.set(event.step);
          return;
        case 'listening':
        case 'scaled':
        case 'run-started':
        case 'run-finished':
          return;
      }
    },
    get steps() {
      return steps;
    },
  };
}
