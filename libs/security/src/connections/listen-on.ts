import type { AddressInfo, Server } from 'node:net';
import { listenError } from '@lockstep/core';

/** Connections that the kernel keeps until they are accepted; it lowers this to its own limit. */
const BACKLOG = 4_096;

/**
 * Makes a server listen.
 *
 * @param option whose value the address is, such as `--http`
 * @param address `host:port`; port 0 picks a free one
 * @returns the host as given, without brackets, and the port as bound
 * @throws LockstepError `port-in-use`, or `bad-option` when the address cannot be bound
 */
export async function listenOn(
  server: Server,
  option: string,
  address: string,
): Promise<{ readonly host: string; readonly port: number }> {
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
