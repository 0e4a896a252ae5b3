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

type Reissue = Extract<RunEvent, { event: 'reissue' }>;

/** What happened, in words, in the order given; shards handed out again one after another are one. */
export function happeningsOf(newestFirst: readonly RunEvent[]): readonly Happening[] {
  const told: Happening[] = [];
  let again: Reissue[] = [];
  const tellAgain = (): void => {
    const [last] = again;
    if (last) told.push(handedOutAgain(last, again));
    again = [];
  };
  for (const event of newestFirst) {
    if (event.event === 'reissue') {
      again.push(event);
      continue;
    }
    tellAgain();
    const happening = happeningOf(event);
    if (happening) told.push(happening);
  }
  tellAgain();
  return told;
}

/** @param all that came one after another, the last one first */
function handedOutAgain({ at, step, index, reason }: Reissue, all: readonly Reissue[]): Happening {
  const first = all.at(-1)?.step ?? step;
  if (all.length === 1) {
    const what = `Shard ${index} of step ${formatCount(step)} handed out again`;
    return { at, tone: 'warn', what, detail: reason };
  }
  const what = `${formatCount(all.length)} shards handed out again`;
  const steps = `steps ${formatCount(first)} to ${formatCount(step)}`;
  return { at, tone: 'warn', what, detail: `${steps}, the last since ${reason}` };
}

/** What happened, in words; undefined for what a person need not be told. */
function happeningOf(event: RunEvent): Happening | undefined {
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
