import { isIP, isIPv6 } from 'node:net';

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

/**
 * The network that an address counts for where addresses are limited: an IPv4 address itself, of an
 * IPv6 address the first 64 bits, since one host has all the others.
 *
 * @param host without brackets and port
 */
export function networkOf(host: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(host)) return host;
  const [head = '', tail = ''] = host.replace(/%.*$/, '').split('::');
  const [left, right] = [head, tail].map((part) => part.split(':').filter((each) => each !== ''));
  const zeros = Array<string>(Math.max(0, 8 - (left?.length ?? 0) - (right?.length ?? 0)));
  return [...(left ?? []), ...zeros.fill('0'), ...(right ?? [])].slice(0, 4).join(':');
}

/** Where a run's coordinator can be reached; kept in the run's folder while it leads the run. */
export interface RunAddress {
  readonly runId: string;
  /** `http://host:port` of its API; absent when it serves none. */
  readonly http?: string;
  /** `host:port` for workers. */
  readonly grpc: string;
  readonly host: string;
  readonly pid: number;
  readonly term: number;
}

/** The file's name in the run's folder. */
export const RUN_ADDRESS_FILE = 'address.json';

/** Reads the file's content; undefined when it is none, torn or of another version. */
export function parseRunAddress(content: string): RunAddress | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const { runId, http, grpc, host, pid, term } = fields;
  const sound =
    [runId, grpc, host].every((field) => typeof field === 'string') &&
    [pid, term].every((field) => Number.isSafeInteger(field)) &&
    (http === undefined || typeof http === 'string');
  return sound ? (value as RunAddress) : undefined;
}
