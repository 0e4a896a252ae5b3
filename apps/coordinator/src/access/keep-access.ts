import { LockstepError } from '@lockstep/core';
import type { RunParts } from '../run/assemble-run.js';
import type { Access } from './open-access.js';

const EVERY_MS = 1_000;

/**
 * Reads changed tokens every second while a run is led, and removes the workers whose join token was
 * revoked or has expired. A file that cannot be read changes nothing and raises an alarm.
 *
 * @returns a function that ends this
 */
export function keepAccess(
  access: Access,
  { workers, steps }: Pick<RunParts, 'workers' | 'steps'>,
  alarm: (message: string) => void,
): () => void {
  const { joinGate } = access;
  const sendAway = (): void => {
    for (const { id, holder } of workers.present()) {
      const reason = holder === undefined ? undefined : joinGate?.refusalOf(holder);
      if (reason !== undefined)
        steps.handle({ type: 'worker-gone', worker: id, how: 'lost', reason });
    }
  };
  const keep = async (): Promise<void> => {
    await access.refresh().catch((error: unknown) => alarm(LockstepError.from(error).message));
    sendAway();
  };
  const timer = setInterval(() => void keep(), EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
