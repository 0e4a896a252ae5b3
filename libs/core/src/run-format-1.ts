import { z } from 'zod';
import { LockstepError } from './errors.js';
import type { RunSpec } from './run-spec.js';

const positive = z.int().positive();

const firstModel = z.looseObject({});
const firstData = z.looseObject({
  imageShape: z.tuple([positive, positive, positive]),
  classCount: positive,
});
const firstSpec = z.looseObject({
  formatVersion: z.literal(1),
  model: firstModel,
  data: firstData,
});

/**
 * A RunSpec of format 1 in the terms of format 2: of pictures in classes, with cross-entropy as the loss
 * and accuracy as the metric, since there was nothing else. It keeps its `formatVersion`.
 *
 * @returns the value itself if it is no RunSpec of format 1
 */
export function fromFormat1(value: unknown): unknown {
  const found = firstSpec.safeParse(value);
  if (!found.success) return value;
  const { model, data, ...rest } = found.data;
  const { imageShape, classCount, ...others } = data;
  return {
    ...rest,
    model: { ...model, loss: { kind: 'cross-entropy' }, metrics: ['accuracy'] },
    data: { ...others, inputShape: imageShape, target: { classes: classCount } },
  };
}

/**
 * Checks that this release computes a run's contributions as those of its ledger were computed.
 *
 * @throws LockstepError `run-format` for a run of format 1
 */
export function mustBeCurrentFormat({ formatVersion }: RunSpec, runId: string): void {
  if (formatVersion === 2) return;
  throw new LockstepError(
    'run-format',
    `run ${runId} was begun by an earlier release (format ${formatVersion}), which hashed and summed contributions in another way`,
    { remedy: 'use the release that began it, or start a new run' },
  );
}

/** A RunSpec as it is stored and hashed: that of a run of format 1 as it was written. */
export function storedForm(spec: RunSpec): unknown {
  const { model, data } = spec;
  if (spec.formatVersion === 2 || !('classes' in data.target)) return spec;
  const { inputShape: imageShape, target, ...others } = data;
  const { loss: _loss, metrics: _metrics, ...written } = model;
  return { ...spec, model: written, data: { ...others, imageShape, classCount: target.classes } };
}
