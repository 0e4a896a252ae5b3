import {
  augmentationText,
  bestOf,
  parameterCount,
  settingsOf,
  shardsPerStep,
  specHash,
  totalSteps,
  hasEnded,
  type RunSpec,
} from '@lockstep/core';
import { betterOf, formatOf, measureOf } from '@lockstep/model/objective';
import type { RunHistory } from '../history/run-history.js';
import type { RunView, WorkerCounts } from '../run-view.js';
import type { Evaluated, SpecSummary } from '../server/schemas.js';
import type { RunReport } from './schemas.js';

/** What a report says beside the run itself. */
export interface ServingFacts {
  readonly scaler: { readonly kind: 'local' | 'kubernetes'; readonly target?: string } | undefined;
  /** The number of workers last requested through this API. */
  readonly wantedWorkers: number | undefined;
  readonly stays: boolean;
  readonly lastEventId: string;
}

/** The run's state and its current figures. */
export function reportRun(view: RunView, history: RunHistory, facts: ServingFacts): RunReport {
  const { record, path } = view.folder;
  const { condition, committedStep, term } = view.status;
  const { evaluations, lastStep, lastTrainAccuracy } = history;
  const { scaler, wantedWorkers, stays, lastEventId } = facts;
  const { batch } = record.spec;
  const steps = totalSteps(record.spec);
  const samplesPerSecond = condition.state === 'running' ? (lastStep?.samplesPerSecond ?? 0) : 0;
  return {
    runId: record.runId,
    ...condition,
    stopping: view.stopping,
    term,
    step: committedStep,
    steps,
    version: committedStep,
    samplesPerSecond,
    stepMs: lastStep?.stepMs ?? null,
    secondsLeft: samplesPerSecond > 0 ? ((steps - committedStep) * batch) / samplesPerSecond : null,
    learningRate: lastStep?.learningRate ?? null,
    loss: lastStep?.loss ?? null,
    trainAccuracy: lastTrainAccuracy?.trainAccuracy ?? null,
    trainAccuracyStep: lastTrainAccuracy?.step ?? null,
    lastEvaluation: evaluations.at(-1) ?? null,
    bestEvaluation: bestEvaluation(record.spec, evaluations),
    skippedSteps: history.skippedSteps,
    workers: countWorkers(view),
    usefulWorkers: shardsPerStep(record.spec),
    wantedWorkers: wantedWorkers ?? null,
    canScale: scaler !== undefined,
    scaler: scaler ? { kind: scaler.kind, target: scaler.target ?? null } : null,
    stays,
    skippedEvents: history.skipped,
    fingerprint: view.fingerprint,
    createdAt: record.createdAt,
    folder: path,
    spec: summarise(record.spec),
    lastEventId,
  };
}

/** The best evaluation of a run, the earliest among equals; null where none has a finite value. */
export function bestEvaluation(spec: RunSpec, evaluations: readonly Evaluated[]): Evaluated | null {
  const { better, of } = measureOf(spec);
  const measured = evaluations.map((each) => ({ version: each.step, value: of(each) }));
  const best = bestOf(measured, better);
  return evaluations.find(({ step }) => step === best?.version) ?? null;
}

export function summarise(spec: RunSpec): SpecSummary {
  const { model, data, optimizer, batch, shardSize } = spec;
  const { learningRate: _learningRate, ...optimizerSettings } = settingsOf(optimizer);
  const { keepProb, seed, threads, numerics, device, wire } = spec;
  return {
    model: model.name,
    parameterCount: parameterCount(model.parameters),
    data: data.name,
    trainCount: data.trainCount,
    testCount: data.testCount,
    inputShape: [...data.inputShape],
    classes: 'classes' in data.target ? data.target.classes : null,
    loss: model.loss.kind,
    metrics: [...model.metrics],
    metricTraits: Object.fromEntries(
      model.metrics.map((name) => [
        name,
        { better: betterOf(model, name), format: formatOf(name) },
      ]),
    ),
    selection: spec.selection ?? null,
    ...{ batch, shardSize, shardsPerStep: shardsPerStep(spec) },
    ...{ optimizer: optimizer.kind, optimizerSettings, learningRate: optimizer.learningRate },
    ...{ schedule: optimizer.schedule.kind, scheduleSettings: settingsOf(optimizer.schedule) },
    ...{ clipNorm: spec.clipNorm ?? null, ema: spec.ema ?? null },
    augment: spec.augment === undefined ? null : augmentationText(spec.augment),
    ...{ keepProb, seed, threads, numerics, device, wire },
    sha256: specHash(spec),
  };
}

/** Connected workers by state; none once the run has ended. */
export function countWorkers(view: Pick<RunView, 'status' | 'workerCounts'>): WorkerCounts {
  const isOver = hasEnded(view.status.condition.state);
  return isOver ? { joining: 0, ready: 0, quarantined: 0 } : view.workerCounts();
}
