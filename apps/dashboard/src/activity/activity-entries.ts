import type { RunEvent } from '../api/run-events.js';
import { stateNames, stateTones } from '../app/run-words.js';
import type { Tone } from '../design/index.js';
import { mainMetric } from '../format/metrics.js';
import { formatBytes, formatCount } from '../format/numbers.js';
import { formatMilliseconds } from '../format/times.js';

/** An entry of the activity list. */
interface ActivityEntry {
  readonly at: number;
  readonly tone: Tone;
  readonly what: string;
  readonly detail: string;
}

type EntryWords = Omit<ActivityEntry, 'at'>;
type EventNamed<Name extends RunEvent['event']> = Extract<RunEvent, { event: Name }>;
type Reissue = EventNamed<'reissue'>;

/**
 * Events as entries, in the given order. Consecutive reissues, with only routine events between
 * them, are one entry at the position of the newest.
 */
export function activityEntries(newestFirst: readonly RunEvent[]): readonly ActivityEntry[] {
  const told: (ActivityEntry | { readonly reissues: Reissue[] })[] = [];
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

/** Whether the event resumes a paused run. */
function isResumption(
  event: RunEvent,
  before: readonly RunEvent[],
): event is Extract<RunEvent, { event: 'state' }> {
  if (event.event !== 'state' || event.state !== 'running') return false;
  const last = before.find((each) => each.event === 'state' || each.event === 'run-started');
  return last?.event === 'state' && last.state === 'paused';
}

/** @param all newest first; at least one */
function reissued(all: readonly Reissue[]): ActivityEntry {
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

/** An event in words; undefined for events that are not shown. */
function wordsFor(event: RunEvent): EntryWords | undefined {
  switch (event.event) {
    case 'run-started':
      return startedWords(event);
    case 'state': {
      const { state, reason } = event;
      return { tone: stateTones[state], what: stateNames[state], detail: reason };
    }
    case 'evaluation': {
      const what = `Test ${metricText(event)}`;
      return { tone: 'accent', what, detail: atStep(event.step) };
    }
    case 'worker': {
      const { host, pid, state, reason } = event;
      const tone = state === 'joined' ? 'good' : state === 'left' ? 'neutral' : 'bad';
      return { tone, what: `Worker ${host} · ${pid} ${state}`, detail: reason };
    }
    case 'scaled':
      return scaledWords(event);
    case 'checkpoint': {
      const { step, bytes, milliseconds } = event;
      const took = `${formatBytes(bytes)} in ${formatMilliseconds(milliseconds)}`;
      return { tone: 'neutral', what: 'Checkpoint', detail: `${atStep(step)}, ${took}` };
    }
    case 'alarm':
      return { tone: 'bad', what: `Alarm: ${event.code}`, detail: event.message };
    case 'run-finished': {
      const what = `Finished at test ${metricText(event)}`;
      return { tone: 'accent', what, detail: '' };
    }
    default:
      return undefined;
  }
}

/** The main metric in words: `accuracy 98.37 %`. */
function metricText(event: Parameters<typeof mainMetric>[0]): string {
  const { label, text } = mainMetric(event);
  return `${label} ${text}`;
}

function startedWords({ resumedAt, backend, term }: EventNamed<'run-started'>): EntryWords {
  if (resumedAt === undefined) return { tone: 'accent', what: 'Run started', detail: backend };
  const what = `Coordinator restarted, resumed ${atStep(resumedAt)}`;
  const detail = term === undefined ? backend : `term ${term}, ${backend}`;
  return { tone: 'warn', what, detail };
}

function scaledWords({ workers, reason }: EventNamed<'scaled'>): EntryWords {
  const what = `${formatCount(workers)} ${workers === 1 ? 'worker' : 'workers'} requested`;
  const detail = reason === 'requested by the user' ? 'by the user' : reason;
  return { tone: 'neutral', what, detail };
}

function atStep(step: number): string {
  return `at step ${formatCount(step)}`;
}
