import type { WorkerEventState } from '@lockstep/core';
import type { TimedEvent } from '../history/read-events.js';
import type { TimelineSource } from '../run-view.js';
import { stepPhases, type StepTimeline } from '../steps/step-timeline.js';
import type { Series } from './series.js';

const STEP_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const PHASE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const CHECKPOINT_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Pre-registered at 0: Prometheus' `increase()` misses a series that starts at 1. */
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
  'disk-failing',
  'disk-full',
  'dispute-undecided',
  'diverged',
  'loss-exploded',
  'mlflow-unreachable',
  'nondeterminism',
  'tensorboard-unwritable',
];

/** The metrics of the run's events. */
export class EventSeries {
  readonly #loss;
  readonly #learningRate;
  readonly #trainAccuracy;
  readonly #testAccuracy;
  readonly #metrics;
  readonly #testLoss;
  readonly #stepSeconds;
  readonly #reissues;
  readonly #changes;
  readonly #alarms;
  readonly #checkpointSeconds;
  readonly #checkpointBytes;
  readonly #checkpointStep;
  #steps = 0;

  constructor(series: Series) {
    this.#loss = series.gauge('loss', 'Mean loss of the last step');
    this.#learningRate = series.gauge('learning_rate', 'Learning rate of the last step');
    this.#trainAccuracy = series.gauge(
      'train_accuracy_ratio',
      'Last training accuracy, from 0 to 1',
    );
    this.#testAccuracy = series.gauge('test_accuracy_ratio', 'Last test accuracy, from 0 to 1');
    this.#metrics = series.gauge('test_metric', 'Last value of each metric on the test set', [
      'metric',
    ]);
    this.#testLoss = series.gauge('test_loss', 'Mean loss on the test set');
    this.#stepSeconds = series.histogram(
      'step_seconds',
      'Time from one committed step to the next while running',
      STEP_SECONDS,
    );
    this.#reissues = series.counter('reissues_total', 'Shards issued again');
    this.#changes = series.counter('worker_changes_total', 'Workers that joined or left', [
      'change',
    ]);
    this.#alarms = series.counter('alarms_total', 'Alarms raised', ['code']);
    this.#checkpointSeconds = series.histogram(
      'checkpoint_seconds',
      'Time that saving a checkpoint took',
      CHECKPOINT_SECONDS,
    );
    this.#checkpointBytes = series.gauge('checkpoint_bytes', 'Size of the last checkpoint');
    this.#checkpointStep = series.gauge('checkpoint_step', 'Step of the last checkpoint');
    this.#begin();
  }

  /** Steps committed since this coordinator started. */
  get steps(): number {
    return this.#steps;
  }

  observe({ event }: TimedEvent): void {
    switch (event.event) {
      case 'step':
        if (event.stepMs !== undefined) this.#stepSeconds.observe(event.stepMs / 1000);
        this.#steps += 1;
        this.#loss.set(event.loss);
        if (event.learningRate !== undefined) this.#learningRate.set(event.learningRate);
        if (event.trainAccuracy !== undefined) this.#trainAccuracy.set(event.trainAccuracy);
        return;
      case 'evaluation':
        if (event.testAccuracy !== undefined) this.#testAccuracy.set(event.testAccuracy);
        for (const [metric, value] of Object.entries(event.metrics)) {
          this.#metrics.set({ metric }, value);
        }
        this.#testLoss.set(event.testLoss);
        return;
      case 'worker':
        return this.#changes.inc({ change: event.state }, countOf(event));
      case 'alarm':
        return this.#alarms.inc({ code: event.code }, countOf(event));
      case 'reissue':
        return this.#reissues.inc(countOf(event));
      case 'checkpoint':
        this.#checkpointSeconds.observe(event.milliseconds / 1000);
        this.#checkpointBytes.set(event.bytes);
        this.#checkpointStep.set(event.step);
        return;
      case 'run-started':
        return this.#begin();
      case 'listening':
      case 'scaled':
      case 'state':
      case 'run-finished':
        return;
    }
  }

  /** Events so far are those of earlier coordinators: every coordinator begins with `run-started`. */
  #begin(): void {
    this.#steps = 0;
    for (const each of [this.#loss, this.#learningRate, this.#trainAccuracy]) each.reset();
    for (const each of [this.#testAccuracy, this.#testLoss, this.#metrics]) each.reset();
    for (const each of [this.#stepSeconds, this.#reissues, this.#changes]) each.reset();
    for (const each of [this.#alarms, this.#checkpointSeconds]) each.reset();
    for (const each of [this.#checkpointBytes, this.#checkpointStep]) each.reset();
    for (const change of WORKER_CHANGES) this.#changes.inc({ change }, 0);
    for (const code of ALARMS) this.#alarms.inc({ code }, 0);
  }
}

/** An event, and those that were left out before it. */
function countOf({ omitted = 0 }: { readonly omitted?: number }): number {
  return 1 + omitted;
}

/** The metrics of the steps' timelines: where their time went, and the bytes transferred. */
export class StepSeries {
  readonly #phaseSeconds;
  readonly #received;
  readonly #sent;
  #followed: TimelineSource | undefined;

  constructor(series: Series) {
    this.#phaseSeconds = series.histogram(
      'step_phase_seconds',
      'Time of a step along its critical path, by phase',
      PHASE_SECONDS,
      ['phase'],
    );
    this.#received = series.counter(
      'received_bytes_total',
      'Gradient bytes of counted contributions',
    );
    this.#sent = series.counter('sent_bytes_total', 'Update bytes sent, to all workers together');
  }

  /** Observes the steps made so far, and from then on each as it is closed. */
  follow(timelines: TimelineSource): void {
    if (this.#followed === timelines) return;
    this.#followed = timelines;
    for (const timeline of timelines.newest) this.#observe(timeline);
    timelines.subscribe((timeline) => this.#observe(timeline));
  }

  #observe(timeline: StepTimeline): void {
    for (const { payloadBytes } of timeline.shards) this.#received.inc(payloadBytes);
    this.#sent.inc(timeline.updateBytes * timeline.followers);
    const split = stepPhases(timeline);
    for (const [phase, milliseconds] of Object.entries(split?.phases ?? {})) {
      this.#phaseSeconds.observe({ phase }, milliseconds / 1000);
    }
  }
}
