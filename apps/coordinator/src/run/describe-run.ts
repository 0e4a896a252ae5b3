import {
  canonicalJson,
  parameterCount,
  shardsPerStep,
  specHash,
  totalSteps,
  type RunEvent,
  type RunSpec,
} from '@lockstep/core';
import type { EngineFacts } from '@lockstep/engine';
import type { RunDescription } from '@lockstep/protocol';
import type { OpenedRun } from './open-run.js';
import type { RunNumerics } from './probe-numerics.js';
import type { RunRecord } from '@lockstep/store';

/** Heartbeats per timeout, so that a late or lost one does not make a worker lost. */
const HEARTBEATS_PER_TIMEOUT = 4;

/**
 * The description that a worker gets before it registers.
 *
 * @param resumed whether steps may have been applied already
 */
export function describeRun(
  { runId, spec }: RunRecord,
  term: number,
  heartbeatTimeoutMs: number,
  resumed: boolean,
): RunDescription {
  return {
    runId,
    term,
    specJson: canonicalJson(spec),
    specSha256: specHash(spec),
    // Workers make the weights of a seed themselves; given ones they receive.
    untrained: !resumed && spec.initSha256 === undefined,
    heartbeatIntervalMs: Math.max(20, Math.floor(heartbeatTimeoutMs / HEARTBEATS_PER_TIMEOUT)),
  };
}

/** The first event of a run. */
export function runStarted(
  opened: OpenedRun,
  spec: RunSpec,
  { fingerprint }: RunNumerics,
  { backend, tensorflow }: EngineFacts,
): RunEvent {
  const { runId, traits, initial } = opened.folder.record;
  return {
    event: 'run-started',
    runId,
    ...(opened.resumed ? { resumedAt: opened.version } : {}),
    term: opened.lock.term,
    model: spec.model.name,
    parameterCount: parameterCount(spec.model.parameters),
    data: spec.data.name,
    trainCount: spec.data.trainCount,
    testCount: spec.data.testCount,
    inputShape: spec.data.inputShape,
    ...spec.data.target,
    ...(traits && 'classes' in spec.data.target && { unusedLabels: traits.unusedLabels }),
    ...(traits?.classNames && { classNames: traits.classNames }),
    ...(traits?.notes && { dataNotes: traits.notes }),
    ...(initial && { initial }),
    ...(spec.selection && { selection: spec.selection }),
    ...(opened.skippedSteps > 0 && { skippedSteps: opened.skippedSteps }),
    steps: totalSteps(spec),
    batch: spec.batch,
    shardsPerStep: shardsPerStep(spec),
    usefulWorkers: shardsPerStep(spec),
    backend: `${backend} (TensorFlow ${tensorflow}, ${spec.threads} thread${spec.threads === 1 ? '' : 's'} a worker)`,
    fingerprint,
    numerics: spec.numerics,
    folder: opened.folder.path,
  };
}
