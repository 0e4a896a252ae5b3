import type { LedgerEntry } from '@lockstep/coordinator';
import { totalSteps, type RunSpec } from '@lockstep/core';
import { planStep } from '@lockstep/data';

/** Whether each sample of each step counted once. */
export interface LedgerAccount {
  /** Samples that the run's steps hold together. */
  readonly samples: number;
  /** Of those, the ones that counted in no step. */
  readonly samplesLost: number;
  /** Samples that counted beside their one time. */
  readonly samplesDoubled: number;
}

/** What a ledger's line says of a step, as far as it is counted here. */
export type CountedStep = {
  readonly step: number;
  readonly shards: readonly Pick<LedgerEntry['shards'][number], 'index' | 'sampleCount'>[];
};

/** Compares what counted, by a ledger's lines, with what the spec says there is to count. */
export function accountFor(
  spec: Pick<RunSpec, 'steps' | 'segments' | 'batch' | 'shardSize'>,
  lines: readonly CountedStep[],
): LedgerAccount {
  const due = new Map<string, number>();
  const steps = totalSteps(spec);
  for (let step = 1; step <= steps; step++) {
    for (const { index, sampleCount } of planStep(spec, step)) {
      due.set(`${step}/${index}`, sampleCount);
    }
  }
  const counted = new Map<string, number>();
  for (const { step, shards } of lines) {
    for (const { index, sampleCount } of shards) {
      const key = `${step}/${index}`;
      counted.set(key, (counted.get(key) ?? 0) + sampleCount);
    }
  }
  const balance = [...new Set([...due.keys(), ...counted.keys()])].map(
    (key) => (counted.get(key) ?? 0) - (due.get(key) ?? 0),
  );
  return {
    samples: steps * spec.batch,
    samplesLost: sum(balance.map((difference) => Math.max(0, -difference))),
    samplesDoubled: sum(balance.map((difference) => Math.max(0, difference))),
  };
}

/** The first step for which two ledgers count other gradients; undefined where they agree. */
export function firstDifference(
  one: readonly Pick<LedgerEntry, 'step' | 'shards'>[],
  other: readonly Pick<LedgerEntry, 'step' | 'shards'>[],
): number | undefined {
  const hashes = ({ shards }: Pick<LedgerEntry, 'shards'>): string =>
    shards.map(({ sha256 }) => sha256).join();
  const common = one.slice(0, other.length);
  const index = common.findIndex((line, i) => hashes(line) !== hashes(other[i] ?? line));
  if (index >= 0) return one[index]?.step;
  return one.length === other.length ? undefined : common.length + 1;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
