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

/**
 * What happened, in words, in the order given. Reissues between two events that are not routine are
 * one happening, at the place of the newest.
 */
export function happeningsOf(newestFirst: readonly RunEvent[]): readonly Happening[] {
  const told: (Happening | { readonly reissues: Reissue[] })[] = [];
  let reissues: Reissue[] = [];
  newestFirst.forEach((event, index) => {
    if (event.event === 'reissue') {
      if (reissues.length === 0) told.push({ reissues });
      reissues.push(event);
      return;
    }
    if (event.event !== 'evaluation' && event.event !== 'checkpoint') reissues = [];
    const words = isResumption(event, newestFirst.slice(index + 1))
      ? { tone: stateTones.running, what: 'Resumed', detail: event.reason }
      : wordsFor(event);
    if (words) told.push({ at: event.at, ...words });
  });
  return told.map((each) => ('reissues' in each ? reissued(each.reissues) : each));
}

/** Whether a run goes on after it was paused. */
function isResumption(
  event: RunEvent,
  before: readonly RunEvent[],
): event is Extract<RunEvent, { event: 'state' }> {
  if (event.event !== 'state' || event.state !== 'running') return false;
  const last = before.find((each) => each.event === 'state' || each.event === 'run-started');
  return last?.event === 'state' && last.state === 'paused';
}

/** @param all the newest first; one at least */
function reissued(all: readonly Reissue[]): Happening {
  const steps = all.map(({ step }) => step);
  const [first, last] = [Math.min(...steps), Math.max(...steps)];
  const { at = 0, index = 0, reason = '' } = all[0] ?? {};
  if (all.length === 1) {
    const what = `Shard ${index} of step ${formatCount(last)} reissued`;
    return { at, tone: 'neutral', what, detail: reason };
  }
  const where =
    first === last ? atStep(last) : `at steps ${formatCount(first)} to ${formatCount(last)}`;
  const what = `${formatCount(all.length)} shards reissued`;
  return { at, tone: 'neutral', what, detail: `${where}; most recently: ${reason}` };
}

/** What happened, in words; undefined for what is for programs. */
function wordsFor(event: RunEvent): Omit<Happening, 'at'> | undefined {
  switch (event.event) {
    case 'run-started': {
      const { resumedAt, backend, term } = event;
      if (resumedAt === undefined) return { tone: 'accent', what: 'Run started', detail: backend };
      const what = `Coordinator restarted, resumed ${atStep(resumedAt)}`;
      return {
        tone: 'warn',
        what,
        detail: term === undefined ? backend : `term ${term}, ${backend}`,
      };
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
    case 'scaled': {
      const { workers, reason } = event;
      const what = `${formatCount(workers)} ${workers === 1 ? 'worker' : 'workers'} requested`;
      return {
        tone: 'neutral',
        what,
        detail: reason === 'requested by the user' ? 'by the user' : reason,
      };
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
