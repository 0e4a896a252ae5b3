import type { RunState } from '../api/reply.js';
import type { Tone } from '../design/index.js';

/** A run's states as the page says them. */
export const stateNames: Readonly<Record<RunState, string>> = {
  'waiting-for-workers': 'Waiting for workers',
  running: 'Running',
  paused: 'Paused',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
};

export const stateTones: Readonly<Record<RunState, Tone>> = {
  'waiting-for-workers': 'warn',
  running: 'good',
  paused: 'warn',
  finished: 'accent',
  stopped: 'neutral',
  failed: 'bad',
};
