import { chanceFrom, pick, shuffle, type Chance } from './chance.js';
import type { Fault, FaultKind } from './fault.js';
import type { ChaosPlan } from './plan.js';

export interface RandomPlanOptions {
  /** Number of faults. */
  readonly kills: number;
  /** Mean seconds between two faults. */
  readonly every: number;
  /** Kinds of faults. */
  readonly only: readonly FaultKind[];
  /** Workers at the start: a scaling is to another number, at most two more than this. */
  readonly workers: number;
}

/**
 * A plan drawn from a seed: the waiting times are exponential (faults form a Poisson process),
 * rounded to a tenth of a second; every kind comes up as often as any other, in shuffled order.
 */
export function planFrom(seed: number, options: RandomPlanOptions): ChaosPlan {
  const chance = chanceFrom(seed);
  let kinds: FaultKind[] = [];
  let seconds = 0;
  let { workers } = options;
  return Array.from({ length: options.kills }, () => {
    seconds += -Math.log(1 - chance()) * options.every;
    if (kinds.length === 0) kinds = shuffle(options.only, chance);
    const fault = faultOf(kinds.pop() ?? 'kill-worker', workers, options.workers + 2, chance);
    if (fault.kind === 'scale') workers = fault.workers;
    return { moment: { at: 'time', seconds: tenths(seconds) }, fault };
  });
}

function faultOf(kind: FaultKind, workers: number, most: number, chance: Chance): Fault {
  switch (kind) {
    case 'freeze-worker':
    case 'freeze-coordinator':
      return { kind, seconds: tenths(1 + 3 * chance()), thenKill: chance() < 0.25 };
    case 'scale': {
      const others = Array.from({ length: most }, (_, i) => i + 1).filter((n) => n !== workers);
      return { kind, workers: pick(others, chance) ?? 1 };
    }
    case 'flood':
      return { kind, seconds: tenths(1 + 3 * chance()) };
    default:
      return { kind };
  }
}

function tenths(seconds: number): number {
  return Math.round(10 * seconds) / 10;
}
