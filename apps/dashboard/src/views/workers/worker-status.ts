import type { WorkerRow } from '../../api/reply.js';
import type { Tone } from '../../design/index.js';

/** A worker's status in a word. */
interface WorkerStatus {
  readonly name: string;
  readonly tone: Tone;
}

const statuses: Readonly<Record<WorkerRow['state'], WorkerStatus>> = {
  joining: { name: 'Joining', tone: 'neutral' },
  ready: { name: 'Ready', tone: 'good' },
  quarantined: { name: 'Quarantined', tone: 'warn' },
  lost: { name: 'Lost', tone: 'bad' },
  left: { name: 'Left', tone: 'neutral' },
  refused: { name: 'Refused', tone: 'bad' },
};

/** Draining and straggling take precedence over the state. */
export function workerStatus(
  { state, straggling, draining }: WorkerRow,
  ended: boolean,
): WorkerStatus {
  if (ended && (state === 'ready' || state === 'joining')) {
    return { name: 'Run ended', tone: 'neutral' };
  }
  if (state === 'ready' && draining) return { name: 'Draining', tone: 'neutral' };
  if (state === 'ready' && straggling) return { name: 'Straggling', tone: 'warn' };
  return statuses[state];
}

/** Whether the worker is no longer connected. */
export function hasLeft({ state }: Pick<WorkerRow, 'state'>): boolean {
  return state === 'lost' || state === 'left' || state === 'refused';
}
