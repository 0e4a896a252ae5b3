import type { RunEvent } from '../api/run-events.js';
import { stateNames, stateTones } from '../app/state-words.js';
import type { Tone } from '../design/index.js';
import { formatBytes, formatCount, formatPercent } from '../format/numbers.js';
import { formatMilliseconds } from '../format/times.js';

/** Something that happened in a run, as a person reads it. */
export interface Happening {
  readonly at: number;
  readonly tone: Tone;
  readonly what: string;
  readonly detail: string;
}

/** What happened, in words; undefined for what a person need not be told. */
export function happeningOf(event: RunEvent): Happening | undefined {
  const words = wordsFor(event);
  return words && { at: event.at, ...words };
}

function wordsFor(event: RunEvent): Omit<Happening, 'at'> | undefined {
  switch (event.event) {
    case 'run-started': {
      const { resumedAt, backend } = event;
      const what = resumedAt === undefined ? 'Run started' : `Resumed ${atStep(resumedAt)}`;
      return { tone: 'accent', what, detail: backend };
    }
    case 'state': {
      const { state, reason } = event;
      return { tone: stateTones[state], what: stateNames[state], detail: reason };
    }
    case 'evaluation': {
      const what = `Test accuracy ${formatPercent(event.testAccuracy)}`;
      return { tone: 'accent', what, detail: atStep(event.step) };
    }
    case 'worker': {
      const { host, pid, state, reason } = event;
      const tone = state === 'joined' ? 'good' : state === 'left' ? 'neutral' : 'bad';
      return { tone, what: `Worker ${host} · ${pid} ${state}`, detail: reason };
    }
    case 'checkpoint': {
      const { step, bytes, milliseconds } = event;
      const took = `${formatBytes(bytes)} in ${formatMilliseconds(milliseconds)}`;
      return { tone: 'neutral', what: 'Checkpoint', detail: `${atStep(step)}, ${took}` };
    }
    case 'reissue': {
      const { step, index, reason } = event;
      const what = `Shard ${index} of step ${formatCount(step)} handed out again`;
      return { tone: 'warn', what, detail: reason };
    }
    case 'alarm':
      return { tone: 'bad', what: `Alarm: ${event.code}`, detail: event.message };
    case 'run-finished': {
      const what = `Finished at ${formatPercent(event.testAccuracy)} test accuracy`;
      return { tone: 'accent', what, detail: '' };
    }
    default:
      return undefined;
  }
}

function atStep(step: number): string {
  return `at step ${formatCount(step)}`;
}
