import type { WireFormat } from '@lockstep/core';

export const partNames = ['ceiling', 'end-to-end', 'phases', 'bytes'] as const;
export type PartName = (typeof partNames)[number];

/** The run that is measured, and how often and how long. */
export interface BenchSettings {
  readonly rounds: number;
  /** Steps measured, after `warmup` steps that are not. */
  readonly steps: number;
  readonly warmup: number;
  readonly workers: number;
  readonly batch: number;
  readonly momentum: number;
  readonly threads: number;
  readonly wire: WireFormat;
  readonly data: string;
  readonly model: string;
}

/** Samples of a shard when a step has one for each worker. */
export function shardSizeOf({ batch, workers }: Pick<BenchSettings, 'batch' | 'workers'>): number {
  return Math.ceil(batch / workers);
}
