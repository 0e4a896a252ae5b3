/** Starts and drains workers for a coordinator; without it, users do so. */
export interface WorkerScaler {
  /** `local` starts processes on this machine, `kubernetes` changes the replicas of `target`. */
  readonly kind: 'local' | 'kubernetes';
  /** What is scaled, such as `deployment/lockstep-worker`. */
  readonly target?: string;
  /**
   * Requests this many workers; resolves when the request is accepted, before they have started.
   *
   * @throws LockstepError `cannot-scale`
   */
  scaleTo(count: number): Promise<void>;
  /**
   * A worker has been asked to leave: one less is wanted, so that no other takes its place.
   *
   * @throws LockstepError `cannot-scale` if another will all the same
   */
  retireWorker?(worker: string): Promise<void>;
}
