import { Cpu } from 'lucide';
import { controlRefusal, store } from '../../data/store.js';
import { EmptyState } from '../../design/index.js';

/** Shown while a run has no workers: how to start one. */
export function NoWorkers() {
  const canScale = store.run.value?.canScale && controlRefusal.value === undefined;
  return (
    <EmptyState icon={Cpu} title="No workers yet">
      Start one with {canScale ? '“+” on the overview' : <code>lockstep worker</code>}; it appears
      here as soon as it has joined.
    </EmptyState>
  );
}
