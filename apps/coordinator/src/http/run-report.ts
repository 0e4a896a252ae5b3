import { parameterCount, shardsPerStep } from '@lockstep/core';
import type { EventFeed } from '../event-feed.js';
import type { LedRun } from './led-run.js';
import type { RunHistory } from './run-history.js';
import type { Evaluated, RunReport, WorkerRow } from './schemas.js';

/** How a run stands. */
export function reportRun(run: LedRun, history: RunHistory, feed: EventFeed): RunReport {
  const { collector, numerics } = run.service;
  const { record, path } = run.folder;
  const { condition, committedStep, runId, term } = collector.state;
  const { evaluations, lastStep } = history;
  return {
    runId,
    ...condition,
    term,
    step: committedStep,
    steps: record.spec.steps,
    version: committedStep,
    samplesPerSecond: condition.state === 'running' ? (lastStep?.samplesPerSecond ?? 0) : 0,
    loss: lastStep?.loss ?? null,
    trainAccuracy: history.lastTrainAccuracy ?? null,
    lastEvaluation: evaluations.at(-1) ?? null,
    bestEvaluation: best(evaluations),
    workers: countStates(run),
    usefulWorkers: shardsPerStep(record.spec),
    fingerprint: numerics.fingerprint,
    createdAt: record.createdAt,
    folder: path,
    spec: summarise(run),
    lastEventId: feed.lastId,
  };
}

function best(evaluations: readonly Evaluated[]): Evaluated | null {
  return evaluations.reduce<Evaluated | null>(
    (leader, each) => (leader && leader.testAccuracy >= each.testAccuracy ? leader : each),
    null,
  );
}

function summarise({ service }: LedRun): RunReport['spec'] {
  const { spec, description } = service;
  const { model, data, optimizer, batch, shardSize } = spec;
  const { keepProb, seed, threads, numerics, device, wire } = spec;
  return {
    model: model.name,
    parameterCount: parameterCount(model.parameters),
    data: data.name,
    trainCount: data.trainCount,
    testCount: data.testCount,
    ...{ batch, shardSize, shardsPerStep: shardsPerStep(spec) },
    learningRate: optimizer.learningRate,
    momentum: optimizer.momentum,
    schedule: optimizer.schedule.kind,
    ...{ keepProb, seed, threads, numerics, device, wire },
    sha256: description.specSha256,
  };
}

/** How many workers are in which state. */
export function countStates(run: LedRun): Record<WorkerRow['state'], number> {
  const counts = { joining: 0, ready: 0, quarantined: 0 };
  for (const { state } of run.service.collector.state.workers.values()) counts[state] += 1;
  return counts;
}
