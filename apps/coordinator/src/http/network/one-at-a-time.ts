import { LockstepError } from '@lockstep/core';

/** Runs tasks one after another, and refuses more than a few that wait. */
export interface OneAtATime {
  /** @throws LockstepError `not-ready` when too many wait, or whatever the task throws */
  run<Result>(task: () => Promise<Result>): Promise<Result>;
}

/**
 * Between two commands of one who looks, the thread that applies updates gets to everything that has
 * come meanwhile: however many look, a step waits for one look at most.
 */
export function createOneAtATime(mostWaiting: number): OneAtATime {
  let waiting = 0;
  let before: Promise<unknown> = Promise.resolve();
  return {
    run: (task) => {
      if (waiting >= mostWaiting) {
        return Promise.reject(
          new LockstepError('not-ready', 'too many ask to look into the network at once', {
            remedy: 'ask again in a moment',
          }),
        );
      }
      waiting += 1;
      const result = before.then(task).finally(() => (waiting -= 1));
      before = result.catch(() => undefined);
      return result;
    },
  };
}
