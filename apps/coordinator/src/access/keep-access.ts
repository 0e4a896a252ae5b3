import { LockstepError } from '@lockstep/core';
import type { ServiceParts } from '../service.js';
import type { Access } from './open-access.js';

const EVERY_MS = 1_000;

/**
 * Reads changed tokens every so often while a run is led, and sends away the workers whose join token
 * was revoked or has expired. What cannot be read changes nothing, and is told.
 *
 * @returns ends it
 */
export function keepAccess(
  access: Access,
  { members, roster }: Pick<ServiceParts, 'members' | 'roster'>,
  alarm: (message: string) => void,
): () => void {
  const { joinGate } = access;
  const sendAway = (): void => {
    for (const { id, holder } of members.all()) {
      const reason = holder === undefined ? undefined : joinGate?.refusalOf(holder);
      if (reason !== undefined) roster.gone(id, 'lost', reason);
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
