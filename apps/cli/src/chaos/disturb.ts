import { setTimeout as delay } from 'node:timers/promises';
import type { Act } from './impact.js';
import type { ChaosPlan, Moment } from './plan.js';
import type { Saboteur } from './saboteur.js';
import type { Training, TrainingRecord } from './training.js';

const POLL_MS = 20;

/**
 * Injects the faults of a plan, one after the other, from the first step until the training is over.
 *
 * @param onAct called for each fault, immediately
 * @returns the entries that could not be carried out
 */
export async function disturb(
  training: Training,
  plan: ChaosPlan,
  saboteur: Saboteur,
  signal: AbortSignal,
  onAct: (act: Act) => void,
): Promise<ChaosPlan> {
  const agenda = new Agenda(plan);
  const inVain: ChaosPlan[number][] = [];
  while (!training.isOver() && !signal.aborted) {
    const entry = agenda.take(headwayOf(training.record));
    if (!entry) {
      await delay(POLL_MS);
      continue;
    }
    // A repeated fault that waits would hit each worker as it joins, and the run could not continue.
    const patient = entry.moment.at !== 'every';
    const act = await saboteur.carryOut(entry.fault, patient);
    if (act) onAct(act);
    else if (patient) inVain.push(entry);
  }
  saboteur.release();
  return [...inVain, ...agenda.left()];
}

function headwayOf({ arrivals: [first], step, started }: TrainingRecord): Headway {
  // Before the first step the local mode has no run to resume.
  if (!first || !started) return { seconds: -1, step: -1, steps: 1 };
  return { seconds: (performance.now() - first.at) / 1000, step, steps: started.steps };
}

/** How far a training has come. */
interface Headway {
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
export class Agenda {
  readonly #plan: ChaosPlan;
  /** How often each entry has been taken. */
  readonly #done: number[];

  constructor(plan: ChaosPlan) {
    this.#plan = plan;
    this.#done = plan.map(() => 0);
  }

  /** The next entry to carry out; moments that were missed meanwhile are not made up for. */
  take(headway: Headway): ChaosPlan[number] | undefined {
    const due = this.#plan.map(({ moment }) => timesDue(moment, headway));
    const index = due.findIndex((times, i) => times > (this.#done[i] ?? 0));
    const times = due[index];
    if (times !== undefined) this.#done[index] = times;
    return this.#plan[index];
  }

  /** Entries whose moment never came. */
  left(): ChaosPlan {
    return this.#plan.filter((_, i) => this.#done[i] === 0);
  }
}
