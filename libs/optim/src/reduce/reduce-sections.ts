import {
  viewGradient,
  viewSums,
  type GradientEntry,
  type ModelTensors,
  type ParameterSpec,
  type Sections,
  type StepSums,
} from '@lockstep/core';
import { mismatch, sumSections } from './reduce-dense.js';

/** One shard's sums over its samples. */
export interface ShardSections {
  /** The shard's sample count. */
  readonly rows: number;
  readonly sections: Sections<Float32Array>;
}

/**
 * Reduces the sections of shards, given in shard order: float addition is not associative, so the order is
 * part of the result.
 *
 * @param shards at least one; not changed
 * @throws LockstepError `internal` when they are not all of the model's form
 */
export function reduceSections(model: ModelTensors, shards: readonly ShardSections[]): StepSums {
  const rows = shards.reduce((sum, shard) => sum + shard.rows, 0);
  const factored = stackInOrder(
    model.parameters,
    shards.map((shard) => ({ rows: shard.rows, factored: shard.sections.factored })),
  );
  const dense = sumSections(shards.map(({ sections }) => sections.dense));
  return viewSums({ factored, dense }, model, rows);
}

/**
 * The factored section of a step: all shards' rows under each other, whose one product is the sum.
 *
 * @returns laid out as the section of one shard with all those rows
 * @throws LockstepError `internal` when there are no shards or one is not of the parameters' form
 */
export function stackInOrder(
  parameters: readonly ParameterSpec[],
  shards: readonly { readonly rows: number; readonly factored: Float32Array }[],
): Float32Array<ArrayBuffer> {
  if (shards.length === 0) throw mismatch('there is nothing to reduce');
  const factored = parameters.filter(({ gradient }) => gradient === 'factored');
  const gradients = shards.map(({ rows, factored: values }) => {
    try {
      return viewGradient({ factored: values, dense: NONE }, factored, rows);
    } catch (cause) {
      throw mismatch('a factored section is of another form', cause);
    }
  });
  const parts = factored.flatMap((_, index) =>
    (['inputs', 'deltas'] as const).flatMap((factor) =>
      gradients.map((gradient) => factorsOf(gradient[index])[factor]),
    ),
  );
  return concatenate(parts);
}

const NONE = new Float32Array(0);

function factorsOf(entry: GradientEntry | undefined): {
  readonly inputs: Float32Array;
  readonly deltas: Float32Array;
} {
  if (entry?.kind === 'factored') return entry;
  throw mismatch('an entry is not factored');
}

function concatenate(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
