import { LockstepError } from './errors.js';
import type { RunSpec } from './run-spec.js';
import { specHash } from './spec-hash.js';

/** The RunSpec fields that determine how long a run is. */
type RunLength = Pick<RunSpec, 'steps' | 'segments'>;

/** The last step of a run, extensions included. */
export function totalSteps({ steps, segments }: RunLength): number {
  return segments?.at(-1)?.steps ?? steps;
}

/** The steps in which `epochs` passes over the training samples are made, at least one. */
export function stepsOfEpochs(epochs: number, trainCount: number, batch: number): number {
  return Math.max(1, Math.ceil((epochs * trainCount) / batch));
}

/** The number of steps over which the schedule of `step` is spread. */
export function horizonAt({ steps, segments = [] }: RunLength, step: number): number {
  return segments.filter(({ afterStep }) => afterStep < step).at(-1)?.steps ?? steps;
}

/**
 * `specHash` of the spec that led to a version: a version's checkpoint stays valid when the run is
 * extended after it.
 */
export function specHashAt(spec: RunSpec, version: number): string {
  return specHash(cutBefore(spec, version));
}

/**
 * Changes a run's number of steps, for the steps after those that are committed; the schedule of the
 * committed ones stays.
 *
 * @param committed the last step in the ledger
 * @param steps the new total
 * @returns `spec` itself where the run has as many steps already
 * @throws LockstepError `bad-option` when `steps` is not above `committed`
 */
export function extendSpec(spec: RunSpec, committed: number, steps: number): RunSpec {
  if (totalSteps(spec) === steps) return spec;
  if (steps <= committed) {
    throw new LockstepError(
      'bad-option',
      `--steps ${steps} is not above the ${committed} steps that the run has made`,
      { remedy: `give --steps a number above ${committed}, or start a new run` },
    );
  }
  const kept = cutBefore(spec, committed);
  if (totalSteps(kept) === steps) return kept;
  return { ...kept, segments: [...(kept.segments ?? []), { afterStep: committed, steps }] };
}

/** The spec with only the segments that begin before `version`. */
function cutBefore(spec: RunSpec, version: number): RunSpec {
  const { segments, ...rest } = spec;
  const kept = segments?.filter(({ afterStep }) => afterStep < version) ?? [];
  return kept.length === 0 ? rest : { ...rest, segments: kept };
}
