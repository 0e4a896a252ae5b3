import type { WireFormat } from '@lockstep/core';
import type { OptionValues } from '../options/resolve-options.js';

export const partNames = ['ceiling', 'end-to-end', 'phases', 'bytes', 'scaling', 'sizes'] as const;
export type PartName = (typeof partNames)[number];

/** What is measured when nothing is said: all that one real run shows. */
export const defaultParts: readonly PartName[] = ['ceiling', 'end-to-end', 'phases', 'bytes'];

/** What simulated runs try, when nothing is said. */
export const series = {
  counts: [1, 2, 4, 8, 16, 32, 64],
  shards: [25, 100, 400],
  millions: [0.1, 1, 10, 100],
  perStep: [1, 4, 16, 64],
} as const satisfies Record<string, readonly number[]>;

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
  /** What simulated runs vary. */
  readonly simulated: {
    readonly workerCounts: readonly number[];
    readonly shardSizes: readonly number[];
    /** Millions of parameters. */
    readonly modelSizes: readonly number[];
    readonly shardCounts: readonly number[];
    /** Samples a second of one simulated worker. */
    readonly rate: number;
    /** Most seconds that one measurement may take, after its warm-up. */
    readonly seconds: number;
  };
}

export function benchSettings(options: OptionValues): BenchSettings {
  const numbers = (key: keyof typeof series): readonly number[] =>
    (options[key] as readonly number[] | undefined) ?? series[key];
  return {
    rounds: options['rounds'] as number,
    steps: options['steps'] as number,
    warmup: options['warmup'] as number,
    workers: options['workers'] as number,
    batch: options['batch'] as number,
    momentum: options['momentum'] as number,
    threads: options['threads'] as number,
    wire: options['wire'] as WireFormat,
    data: options['data'] as string,
    model: options['model'] as string,
    simulated: {
      workerCounts: numbers('counts'),
      shardSizes: numbers('shards'),
      modelSizes: numbers('millions'),
      shardCounts: numbers('perStep'),
      rate: options['rate'] as number,
      seconds: options['seconds'] as number,
    },
  };
}

/** Samples of a shard when a step has one for each worker. */
export function shardSizeOf({ batch, workers }: Pick<BenchSettings, 'batch' | 'workers'>): number {
  return Math.ceil(batch / workers);
}
