import { setTimeout as delay } from 'node:timers/promises';
import { createAgenda, type Headway } from './agenda.js';
import type { Act } from './impact.js';
import type { ChaosPlan } from './plan.js';
import type { Saboteur } from './saboteur.js';
import type { TrainingRecord } from './training-record.js';
import type { Training } from './training.js';

const POLL_MS = 20;

/**
 * Carries out a plan, one act after the other, from the first step until the training is over.
 *
 * @param onAct told of each act, at once
 * @returns the entries of which nothing came
 */
export async function disturb(
  training: Training,
  plan: ChaosPlan,
  saboteur: Saboteur,
  signal: AbortSignal,
  onAct: (act: Act) => void,
): Promise<ChaosPlan> {
  const agenda = createAgenda(plan);
  const inVain: ChaosPlan[number][] = [];
  while (!training.isOver() && !signal.aborted) {
    const entry = agenda.take(headwayOf(training.record));
    if (!entry) {
      await delay(POLL_MS);
      continue;
    }
    // What is repeated and waits would catch each worker as it joins: the run could never go on.
    const patient = entry.moment.at !== 'every';
    const act = await saboteur.carryOut(entry.harm, patient);
    if (act) onAct(act);
    else if (patient) inVain.push(entry);
  }
  saboteur.release();
  return [...inVain, ...agenda.left()];
}

function headwayOf({ arrivals: [first], step, started }: TrainingRecord): Headway {
  // Before the first step the local mode does not know yet what to go on with.
  if (!first || !started) return { seconds: -1, step: -1, steps: 1 };
  return { seconds: (performance.now() - first.at) / 1000, step, steps: started.steps };
}
