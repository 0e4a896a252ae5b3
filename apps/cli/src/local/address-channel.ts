import type { RunAddresses } from '@lockstep/worker';

/** What a worker hears from the `lockstep train` that started it, over the channel between the two. */
interface AddressMessage extends RunAddresses {
  readonly lockstep: 'addresses';
}

/** What to send to a worker that was started before its run could be reached. */
export function addressMessage(addresses: RunAddresses): AddressMessage {
  return { lockstep: 'addresses', ...addresses };
}

/** The addresses, once the parent tells them. */
export function addressesFromParent(channel: NodeJS.Process = process): Promise<RunAddresses> {
  return new Promise((resolve) => {
    const hear = (message: unknown): void => {
      if (!isAddressMessage(message)) return;
      channel.off('message', hear);
      resolve({ coordinator: message.coordinator, redis: message.redis });
    };
    channel.on('message', hear);
  });
}

function isAddressMessage(message: unknown): message is AddressMessage {
  if (typeof message !== 'object' || message === null) return false;
  const { lockstep, coordinator, redis } = message as Record<string, unknown>;
  return lockstep === 'addresses' && typeof coordinator === 'string' && typeof redis === 'string';
}
