import type { WorkerRow } from '../../api/reply.js';
import type { Tone } from '../../design/index.js';

/** How a worker stands, in a word. */
export interface Standing {
  readonly name: string;
  readonly tone: Tone;
}

const standings: Readonly<Record<WorkerRow['state'], Standing>> = {
  joining: { name: 'Joining', tone: 'neutral' },
  ready: { name: 'Ready', tone: 'good' },
  quarantined: { name: 'Quarantined', tone: 'warn' },
  lost: { name: 'Lost', tone: 'bad' },
  left: { name: 'Left', tone: 'neutral' },
  refused: { name: 'Refused', tone: 'bad' },
};

/** What matters most about a worker comes before its state. */
export function workerStanding(
  { state, straggling, draining }: WorkerRow,
  ended: boolean,
): Standing {
  if (ended && (state === 'ready' || state === 'joining')) {
    return { name: 'Run ended', tone: 'neutral' };
  }
  if (state === 'ready' && draining) return { name: 'Draining', tone: 'neutral' };
  if (state === 'ready' && straggling) return { name: 'Straggling', tone: 'warn' };
  return standings[state];
}

/** Whether only its row is left. */
export function hasGone({ state }: Pick<WorkerRow, 'state'>): boolean {
  return state === 'lost' || state === 'left' || state === 'refused';
}
