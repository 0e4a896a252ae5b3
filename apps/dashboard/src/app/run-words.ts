import type { RunState } from '../api/reply.js';
import type { Tone } from '../design/index.js';

/** Names of run states on the page. */
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

/** Commands that have a button in the page. */
const BUTTON_COMMANDS = /`lockstep (pause|resume|scale|stop)\b[^`]*`/;

/**
 * A reason without a trailing suggestion of a command that has a button in the page.
 *
 * @param hasButtons whether the user may press them
 */
export function reasonText(reason: string, hasButtons: boolean): string {
  const advice = /[:;] [^:;]*$/.exec(reason)?.[0];
  if (!hasButtons || advice === undefined || !BUTTON_COMMANDS.test(advice)) return reason;
  return reason.slice(0, -advice.length);
}
