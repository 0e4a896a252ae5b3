import { readFileSync } from 'node:fs';

/** How many connections a listener keeps, and for how long without a request. */
export interface ConnectionLimits {
  /** All of them. */
  readonly total: number;
  /** Those whose peer has not proved who it is. */
  readonly unproved: number;
  /** The same, from one address; of IPv6, from one network of 64 bits. */
  readonly unprovedPerAddress: number;
  /** From its opening to the first complete request, TLS handshake included. */
  readonly firstRequestMs: number;
}

/** Descriptors for everything else: the run's files, Redis, shared memory, TensorFlow. */
const RESERVED_FILES = 512;
/** gRPC and HTTP; the probes' listener is small. */
const LISTENERS = 2;
const MOST = 10_000;
const MOST_UNPROVED = 512;
const FIRST_REQUEST_MS = 10_000;

/**
 * The limits of each of a coordinator's two listeners. Together they leave descriptors for files, so
 * that connections never prevent a file from being opened.
 *
 * @param openFiles how many descriptors this process may have open
 */
export function connectionLimits(openFiles: number = openFileLimit()): ConnectionLimits {
  const free = openFiles - Math.min(RESERVED_FILES, openFiles / 2);
  const total = Math.max(1, Math.min(MOST, Math.floor(free / LISTENERS)));
  const unproved = Math.ceil(Math.min(MOST_UNPROVED, total / 2));
  return {
    ...{ total, unproved, unprovedPerAddress: Math.ceil(unproved / 2) },
    firstRequestMs: FIRST_REQUEST_MS,
  };
}

/** The limits of a listener that serves probes only. */
export const probeLimits: ConnectionLimits = {
  ...{ total: 64, unproved: 32, unprovedPerAddress: 16, firstRequestMs: 5_000 },
};

/** What nearly every system permits, where the limit cannot be read. */
const USUAL_OPEN_FILES = 1_024;

/** Node raises the soft limit to the hard one when it starts, so the soft one is in effect. */
function openFileLimit(): number {
  try {
    const [, soft] =
      /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === 'unlimited' ? Infinity : Number(soft) || USUAL_OPEN_FILES;
  } catch {
    return USUAL_OPEN_FILES;
  }
}
