import type { RunReport } from '../../api/reply.js';

/** What follows when a worker is drained, by what starts workers for this run. */
export function drainOutcome(scaler: RunReport['scaler']): string {
  if (scaler?.kind === 'local') {
    return 'No other worker takes its place: the number of workers falls by one. “+” on the overview starts another.';
  }
  if (scaler?.kind === 'kubernetes') {
    const target = scaler.target ?? 'the workers’ deployment';
    return `If it is a pod of ${target}, that is scaled down by one, so that Kubernetes starts no replacement.`;
  }
  return 'Lockstep starts no replacement. A supervisor that restarts the process, such as systemd or a Kubernetes Deployment, would start it again.';
}
