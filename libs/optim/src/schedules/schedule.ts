import { z } from 'zod';
import type { RegistryEntry } from '@lockstep/core';

/**
 * The share of the learning rate that a step has.
 *
 * @param step from 1, after the warm-up
 * @param steps the number of steps after the warm-up
 * @returns from 0 to 1; computed with + − × ÷ √ only, which every JavaScript engine rounds equally
 */
export type Factor = (step: number, steps: number) => number;

/** A learning rate schedule as the registry holds it. All have the warm-up, which precedes them. */
export interface Schedule<Schema extends z.ZodObject = z.ZodObject> extends RegistryEntry {
  /** The settings beside `kind` and `warmupSteps`. */
  readonly schema: Schema;
  make(settings: z.infer<Schema>): Factor;
}

/** Declares a schedule; `settings` are typed by its schema. */
export function defineSchedule<Schema extends z.ZodObject>(
  schedule: Schedule<Schema>,
): Schedule<Schema> {
  return schedule;
}

/** Of every schedule. */
export const warmupSteps = z
  .number('must be a whole number of at least 0')
  .int('must be a whole number of at least 0')
  .min(0, 'must be at least 0')
  .default(0)
  .describe('steps at the beginning over which the learning rate rises linearly; 0 for none');

/** Of those that fall. */
export const finalFactor = z
  .number('must be a number from 0 to 1')
  .min(0, 'must be at least 0')
  .max(1, 'must be at most 1')
  .default(0)
  .describe('share of the learning rate to which it falls');
