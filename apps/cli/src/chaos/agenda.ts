import type { ChaosPlan, Moment } from './plan.js';

/** How far a training has come. */
export interface Headway {
  /** Since the first step. */
  readonly seconds: number;
  /** The last step made. */
  readonly step: number;
  /** Steps of the run. */
  readonly steps: number;
}

/** How often a moment has come. */
export function timesDue(moment: Moment, { seconds, step, steps }: Headway): number {
  switch (moment.at) {
    case 'step':
      return step >= (moment.percent / 100) * steps ? 1 : 0;
    case 'time':
      return seconds >= moment.seconds ? 1 : 0;
    case 'every':
      return Math.max(0, Math.floor(seconds / moment.seconds));
  }
}

/** A plan's entries that have come due and are not done yet. */
export interface Agenda {
  /** The next entry to carry out; moments that were missed meanwhile are not made up for. */
  take(headway: Headway): ChaosPlan[number] | undefined;
  /** Entries whose moment never came. */
  left(): ChaosPlan;
}

export function createAgenda(plan: ChaosPlan): Agenda {
  const done = plan.map(() => 0);
  return {
    take: (headway) => {
      const index = plan.findIndex((entry, i) => timesDue(entry.moment, headway) > (done[i] ?? 0));
      const entry = plan[index];
      if (entry) done[index] = timesDue(entry.moment, headway);
      return entry;
    },
    left: () => plan.filter((_, i) => done[i] === 0),
  };
}
