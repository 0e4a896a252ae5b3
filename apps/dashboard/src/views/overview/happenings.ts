import type { Alarm, CheckpointRow, Evaluated } from '../../api/reply.js';
import type { RunEvent } from '../../api/run-events.js';
import { stateNames, stateTones } from '../../app/state-words.js';
import type { Tone } from '../../design/index.js';
import { formatBytes, formatCount, formatPercent } from '../../format/numbers.js';
import { formatMilliseconds } from '../../format/times.js';

/** Something that happened in a run, as a person reads it. */
export interface Happening {
  /** The same thing has the same key, from wherever it is known. */
  readonly key: string;
  readonly at: number;
  readonly tone: Tone;
  readonly what: string;
  readonly detail: string;
}

/** Where things that happened are known from. */
export interface Known {
  readonly live: readonly RunEvent[];
  readonly evaluations: readonly Evaluated[];
  readonly checkpoints: readonly Omit<CheckpointRow, 'kept'>[];
  readonly alarms: readonly Pick<Alarm, 'code' | 'message' | 'at'>[];
}

/** All that happened, the newest first, each thing once. */
export function happenings({ live, evaluations, checkpoints, alarms }: Known): Happening[] {
  const all = [
    ...live.flatMap((event) => fromEvent(event) ?? []),
    ...evaluations.map(fromEvaluation),
    ...checkpoints.map(fromCheckpoint),
    ...alarms.map(fromAlarm),
  ];
  const once = new Map(all.map((each) => [each.key, each]));
  return [...once.values()].sort((a, b) => b.at - a.at);
}

function fromEvent(event: RunEvent): Happening | undefined {
  const { at } = event;
  switch (event.event) {
    case 'state': {
      const { state, reason } = event;
      const key = `state ${at}`;
      return { key, at, tone: stateTones[state], what: stateNames[state], detail: reason };
    }
    case 'worker': {
      const { id, host, pid, state, reason } = event;
      const tone = state === 'joined' ? 'good' : state === 'left' ? 'neutral' : 'bad';
      const what = `Worker ${host} · ${pid} ${state}`;
      return { key: `worker ${id} ${at}`, at, tone, what, detail: reason };
    }
    case 'checkpoint': {
      const { step: version, bytes, milliseconds } = event;
      return fromCheckpoint({ version, bytes, milliseconds, at });
    }
    case 'reissue': {
      const { step, index, attempt, reason } = event;
      const what = `Shard ${index} of step ${formatCount(step)} handed out again`;
      return { key: `reissue ${step} ${index} ${attempt}`, at, tone: 'warn', what, detail: reason };
    }
    case 'alarm':
      return fromAlarm(event);
    case 'run-finished': {
      const what = `Finished at ${formatPercent(event.testAccuracy)} test accuracy`;
      return { key: `finished ${at}`, at, tone: 'accent', what, detail: '' };
    }
    default:
      return undefined;
  }
}

function fromEvaluation({ step, testAccuracy, at }: Evaluated): Happening {
  const what = `Test accuracy ${formatPercent(testAccuracy)}`;
  return { key: `evaluation ${step}`, at, tone: 'accent', what, detail: atStep(step) };
}

function fromCheckpoint(row: Omit<CheckpointRow, 'kept'>): Happening {
  const { version, bytes, milliseconds, at } = row;
  const detail = `${atStep(version)}, ${formatBytes(bytes)} in ${formatMilliseconds(milliseconds)}`;
  return { key: `checkpoint ${version}`, at, tone: 'neutral', what: 'Checkpoint', detail };
}

function fromAlarm({ code, message, at }: Pick<Alarm, 'code' | 'message' | 'at'>): Happening {
  return { key: `alarm ${code} ${at}`, at, tone: 'bad', what: `Alarm: ${code}`, detail: message };
}

function atStep(step: number): string {
  return `at step ${formatCount(step)}`;
}
