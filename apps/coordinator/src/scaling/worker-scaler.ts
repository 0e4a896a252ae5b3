/** What can start and drain workers for a coordinator; without one, people do. */
export interface WorkerScaler {
  /** `local` starts processes on this machine, `kubernetes` changes the replicas of `target`. */
  readonly kind: 'local' | 'kubernetes';
  /** What is scaled, such as `deployment/lockstep-worker`. */
  readonly target?: string;
  /**
   * Asks for so many workers; resolves when the wish is taken, not when they are there.
   *
   * @throws LockstepError `cannot-scale`
   */
  scaleTo(count: number): Promise<void>;
  /**
   * A worker has been asked to leave: one less is wanted, so that nobody takes its place.
   *
   * @throws LockstepError `cannot-scale` when somebody will all the same
   */
  letGo?(worker: string): Promise<void>;
}
