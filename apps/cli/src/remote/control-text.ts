import type { ControlAnswer } from '@lockstep/observe';
import { outColours as pc } from '../output/colours.js';

/** @param already what to say when nothing has changed */
export function controlText(answer: ControlAnswer, already: string): string {
  const { runId, state, reason, step, changed } = answer;
  const note = changed ? '' : pc.dim(` (was ${already})`);
  return `run ${pc.bold(runId)} ${stateText(state)} after step ${step}${note}\n  ${pc.dim(reason)}`;
}

/** A run's state in its colour. */
export function stateText(state: ControlAnswer['state']): string {
  switch (state) {
    case 'running':
    case 'finished':
      return pc.green(state);
    case 'waiting-for-workers':
    case 'paused':
    case 'stopped':
      return pc.yellow(state);
    case 'failed':
      return pc.red(state);
  }
}
