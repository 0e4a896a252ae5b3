import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import {
  localPath,
  LockstepError,
  mustBeCurrentFormat,
  sizeOf,
  type RunSpec,
} from '@lockstep/core';
import {
  Augmenter,
  dataPlace,
  dataSpec,
  dataTraits,
  loadDataSet,
  loadRunData,
  type AugmentSpec,
  type DataTraits,
} from '@lockstep/data';
import type { Engine, InitialWeights } from '@lockstep/engine';
import type { RunChanges, RunRequest } from '../coordinator-options.js';
import { givenWeights } from './given-weights.js';
import { createRunFolder, openRunFolder, type RunFolder, type RunRecord } from '@lockstep/store';

/** The spec of a new run, and the traits of its data. */
export interface PlannedRun {
  readonly spec: RunSpec;
  readonly traits: DataTraits;
  /** Absent where it begins with the weights of its seed. */
  readonly initial?: InitialWeights;
}

/**
 * Builds the spec of a new run from the user's request; writes nothing.
 *
 * @param engine may still be loading TensorFlow: the data are read meanwhile
 * @param out the folder of the runs
 */
export async function planRun(
  engine: Promise<Engine>,
  request: RunRequest,
  out: string,
): Promise<PlannedRun> {
  const found = await loadDataSet(request.data, request.dataSettings);
  const data = dataSpec(found);
  const { plan, loss, initFrom, dataSettings: _, ...settings } = request;
  const { batch, shardSize } = settings;
  if (batch > data.trainCount) {
    throw new LockstepError(
      'bad-option',
      `--batch ${batch} is more than the ${data.trainCount} training samples of ${data.name}`,
      { remedy: 'choose a smaller batch' },
    );
  }
  checkAugmentations({ ...settings, data });
  const length = plan(data.trainCount);
  const weights = initFrom === undefined ? undefined : await givenWeights(out, initFrom);
  const loaded = await engine;
  const described = { model: request.model, data, loss, batch, shardSize };
  const model = await loaded.run('describeModel', described);
  const spec = { ...settings, ...length, formatVersion: 2, model, data } as const;
  const planned = { spec, traits: dataTraits(found) };
  if (!weights) return planned;
  const chosen = { model: request.model, data, seed: settings.seed, given: weights };
  const initial = await loaded.run('initialWeights', chosen);
  return { ...planned, spec: { ...spec, initSha256: initial.sha256 }, initial };
}

/** Tries the augmentations on a picture. @throws LockstepError `bad-option` where they do not fit */
function checkAugmentations(spec: AugmentSpec): void {
  const { augment, data } = spec;
  if (augment === undefined) return;
  if (data.inputShape.length !== 3) {
    const shape = data.inputShape.join(', ');
    throw new LockstepError('bad-option', `--augment changes pictures, a sample is [${shape}]`, {
      remedy: 'omit it, or give data whose samples are [height, width, channels]',
    });
  }
  Augmenter.of(spec)?.augment(new Float32Array(sizeOf(data.inputShape)), ONE, ONE);
}

/** The number of a sample, or of an epoch. */
const ONE = Uint32Array.of(0);

/** Creates the folder of a new run, named after the current time. */
export function beginRun(
  out: string,
  request: RunRequest,
  { spec, traits, initial }: PlannedRun,
): Promise<RunFolder> {
  const now = new Date();
  const { initFrom } = request;
  const moment = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const record: RunRecord = {
    runId: `${moment}-${randomBytes(2).toString('hex')}`,
    spec,
    // Absolute, because later commands may run in another working folder.
    model: spec.model.sourceSha256 === undefined ? request.model : localPath(request.model),
    data: dataPlace(request.data),
    traits,
    ...(initFrom !== undefined &&
      initial && { initial: { from: initFrom, taken: initial.taken, fresh: initial.fresh } }),
    createdAt: now.toISOString(),
  };
  return createRunFolder(out, record, initial?.bytes);
}

/**
 * Opens a run to resume, and checks that this machine still has its data.
 *
 * @throws LockstepError `run-not-found`, `run-format` for a run that an earlier release began, or
 *   `data-damaged` if the data differ from the run's
 */
export async function reopenRun(
  out: string,
  run: string,
  { data: moved }: RunChanges = {},
): Promise<RunFolder> {
  const folder = await openRunFolder(out, run);
  const { runId, spec, data: recorded } = folder.record;
  mustBeCurrentFormat(spec, runId);
  const data = moved ?? recorded;
  const found = await loadRunData(data, spec.data);
  if (found.sha256 !== spec.data.sha256) {
    throw new LockstepError(
      'data-damaged',
      `run ${runId} was trained on other data than ${data} holds now on ${hostname()}`,
      { remedy: 'restore the data it was begun with, or pass their new path with --data' },
    );
  }
  return folder;
}
