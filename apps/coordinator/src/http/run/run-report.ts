import {
  hasEnded,
  parameterCount,
  settingsOf,
  shardsPerStep,
  specHash,
  totalSteps,
  type RunSpec,
} from '@lockstep/core';
import type { EventFeed } from '../../event-feed.js';
import type { LedRun } from '../led-run.js';
import type { Gathered } from '../history/event-gatherer.js';
import type { Evaluated, SpecSummary } from '../schemas.js';
import type { RunReport } from './schemas.js';

/** How a run stands. */
export function reportRun(run: LedRun, history: Gathered, feed: EventFeed): RunReport {
  const { collector, numerics } = run.service;
  const { record, path } = run.folder;
  const { condition, committedStep, runId, term } = collector.state;
  const { evaluations, lastStep } = history;
  const { batch } = record.spec;
  const steps = totalSteps(record.spec);
  const samplesPerSecond = condition.state === 'running' ? (lastStep?.samplesPerSecond ?? 0) : 0;
  return {
    runId,
    ...condition,
    stopping: run.stopping,
    term,
    step: committedStep,
    steps,
    version: committedStep,
    samplesPerSecond,
    stepMs: lastStep?.stepMs ?? null,
    secondsLeft: samplesPerSecond > 0 ? ((steps - committedStep) * batch) / samplesPerSecond : null,
    learningRate: lastStep?.learningRate ?? null,
    loss: lastStep?.loss ?? null,
    trainAccuracy: history.lastTrainAccuracy?.trainAccuracy ?? null,
    trainAccuracyStep: history.lastTrainAccuracy?.step ?? null,
    lastEvaluation: evaluations.at(-1) ?? null,
    bestEvaluation: bestOf(evaluations),
    workers: countStates(run),
    usefulWorkers: shardsPerStep(record.spec),
    wantedWorkers: run.wantedWorkers ?? null,
    canScale: run.scaler !== undefined,
    scaler: run.scaler ? { kind: run.scaler.kind, target: run.scaler.target ?? null } : null,
    stays: run.stays,
    fingerprint: numerics.fingerprint,
    createdAt: record.createdAt,
    folder: path,
    spec: summarise(record.spec),
    lastEventId: feed.lastId,
  };
}

/** The first of those with the highest accuracy. */
export function bestOf(evaluations: readonly Evaluated[]): Evaluated | null {
  return evaluations.reduce<Evaluated | null>(
    (leader, each) => (leader && leader.testAccuracy >= each.testAccuracy ? leader : each),
    null,
  );
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
    ...{ batch, shardSize, shardsPerStep: shardsPerStep(spec) },
    ...{ optimizer: optimizer.kind, optimizerSettings, learningRate: optimizer.learningRate },
    schedule: optimizer.schedule.kind,
    ...{ keepProb, seed, threads, numerics, device, wire },
    sha256: specHash(spec),
  };
}

/** How many of the workers that are connected are in which state; none computes after the end. */
export function countStates({ service }: LedRun): RunReport['workers'] {
  const { condition, workers } = service.collector.state;
  const counts = { joining: 0, ready: 0, quarantined: 0 };
  if (hasEnded(condition.state)) return counts;
  for (const { state } of workers.values()) counts[state] += 1;
  return counts;
}
