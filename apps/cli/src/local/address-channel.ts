import type { RedisAt } from '@lockstep/queue';
import type { RunAddresses } from '@lockstep/worker';

/**
 * A message from `lockstep train` to a process that it started, over the channel between the two: the
 * addresses that were not known at its start. A coordinator only needs Redis's.
 */
interface AddressMessage extends Partial<RunAddresses> {
  readonly lockstep: 'addresses';
  readonly redis: RedisAt;
}

/** What to send to a process that was started before its addresses were known. */
export function addressMessage(
  addresses: RunAddresses | Pick<RunAddresses, 'redis'>,
): AddressMessage {
  return { lockstep: 'addresses', ...addresses };
}

/** A worker's addresses, once the parent sends them. */
export async function addressesFromParent(): Promise<RunAddresses> {
  const { redis, coordinator = '' } = await heard(({ coordinator }) => coordinator !== undefined);
  return { redis, coordinator };
}

/** Redis's address, once the parent sends it. */
export async function redisFromParent(): Promise<RedisAt> {
  return (await heard(() => true)).redis;
}

function heard(wanted: (message: AddressMessage) => boolean): Promise<AddressMessage> {
  return new Promise((resolve) => {
    const hear = (message: unknown): void => {
      if (!isAddressMessage(message) || !wanted(message)) return;
      process.off('message', hear);
      resolve(message);
    };
    process.on('message', hear);
  });
}

function isAddressMessage(message: unknown): message is AddressMessage {
  if (typeof message !== 'object' || message === null) return false;
  const { lockstep, coordinator, redis } = message as Record<string, unknown>;
  const knowsCoordinator = coordinator === undefined || typeof coordinator === 'string';
  // It comes from this program's own parent: its form needs no closer look.
  const knowsRedis = typeof redis === 'string' || (typeof redis === 'object' && redis !== null);
  return lockstep === 'addresses' && knowsRedis && knowsCoordinator;
}
