import { isIP } from 'node:net';

/** The host of `host:port`, without brackets, in lower case. */
export function hostOf(address: string): string {
  return address
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}

/** Whether a host's name or number means this machine and cannot be reached from another. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
