import type { RunReport } from '../api/reply.js';
import { store } from '../data/store.js';
import { Badge } from '../design/index.js';
import { stateNames, stateTones } from './run-words.js';

/** The state of a run, or the last known one while the coordinator does not respond. */
export function StateBadge({ run }: { readonly run: RunReport }) {
  const { state } = run;
  const name = stateNames[state];
  if (!store.isCurrent.value) {
    return <Badge dot="still">Not responding (last known: {name.toLowerCase()})</Badge>;
  }
  const live = state === 'running';
  return (
    <Badge tone={stateTones[state]} dot={live ? 'live' : 'still'}>
      {name}
    </Badge>
  );
}
