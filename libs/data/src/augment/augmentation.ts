import type { RegistryEntry } from '@lockstep/core';
import type { z } from 'zod';

/** A picture: [height, width, channels], row-major, values in [0, 1]. */
export interface Picture {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Uniform random numbers in (0, 1) for one picture. */
export type Draws = readonly [number, number, number, number];

/** Writes a changed copy of a picture. @param to [height, width, channels], as the picture */
export type Change = (picture: Picture, to: Float32Array, draws: Draws) => void;

/** A way to change training pictures at random, as the registry holds it. */
export interface Augmentation<Schema extends z.ZodObject = z.ZodObject> extends RegistryEntry {
  /** At most one setting, which `name:value` sets. */
  readonly schema: Schema;
  make(settings: z.infer<Schema>): Change;
}

/** Declares an augmentation; its settings are typed by its schema. */
export function defineAugmentation<Schema extends z.ZodObject>(
  augmentation: Augmentation<Schema>,
): Augmentation<Schema> {
  return augmentation;
}
