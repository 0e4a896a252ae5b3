import { setTimeout as delay } from 'node:timers/promises';
import { createAgenda, type Headway } from './agenda.js';
import type { Act } from './impact.js';
import type { ChaosPlan } from './plan.js';
import type { Saboteur } from './saboteur.js';
import type { TrainingRecord } from './training-record.js';
import type { Training } from './training.js';

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
  const agenda = createAgenda(plan);
  const inVain: ChaosPlan[number][] = [];
  while (!training.isOver() && !signal.aborted) {
    const entry = agenda.take(headwayOf(training.record));
    if (!entry) {
      await delay(POLL_MS);
      continue;
    }
    // A repeated fault that waits would hit each worker as it joins, and the run could not continue.
    const patient = entry.moment.at !== 'every';
    const act = await saboteur.carryOut(entry.harm, patient);
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
