import type { RunReport } from '../api/reply.js';
import { store } from '../data/store.js';
import { Badge } from '../design/index.js';
import { stateNames, stateTones } from './state-words.js';

/** The state of a run, or that it is not known any more. */
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
