import type { AddressInfo, Server } from 'node:net';
import { listenError, LockstepError } from '@lockstep/core';

/** Connections that the kernel keeps until they are accepted; it lowers this to its own limit. */
const BACKLOG = 4_096;

/** An address as bound. */
export interface BoundAddress {
  /** As given, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The requested address, where it was in use and another port was bound. */
  readonly taken?: string;
}

/**
 * Makes a server listen.
 *
 * @param option whose value the address is, such as `--http`
 * @param address `host:port`; port 0 picks a free one
 * @param mayMove whether any free port is bound where the requested one is in use
 * @throws LockstepError `port-in-use`, or `bad-option` when the address cannot be bound
 */
export async function listenOn(
  server: Server,
  option: string,
  address: string,
  mayMove = false,
): Promise<BoundAddress> {
  try {
    return await bind(server, option, address);
  } catch (error) {
    const isTaken = error instanceof LockstepError && error.code === 'port-in-use';
    if (!mayMove || !isTaken) throw error;
    const bound = await bind(server, option, address.replace(/\d+$/, '0'));
    return { ...bound, taken: address };
  }
}

async function bind(server: Server, option: string, address: string): Promise<BoundAddress> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(colon + 1));
  if (colon <= 0 || !/:\d{1,5}$/.test(address) || port > 65_535) throw listenError(option, address);
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: Error): void => reject(listenError(option, address, cause));
    server.once('error', fail);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', fail);
      resolve();
    });
  });
  return { host, port: (server.address() as AddressInfo).port };
}
