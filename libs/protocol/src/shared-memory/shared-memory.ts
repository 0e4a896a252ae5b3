import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import type { SharedMemory as Offer, SharedSpan } from '../generated/lockstep/v1/lockstep.js';

/** Less than this goes faster in a message. */
const LEAST_BYTES = 16 * 1024;
/** A region that is written round and round holds this many payloads at least, for who is a bit late. */
const LEAST_KEPT = 8;
const KEY_BYTES = 16;
const FOLDER = '/dev/shm';
/** A region takes no more than one part in this many of what was free: containers have 64 MB in all. */
const SHARE = 8;
/** Between the beginnings of two regions; the file is sparse. */
const REGION_BYTES = 2 ** 40;

/**
 * Memory of this process that others on its machine may read: a file in memory that has no name, so
 * that nothing is left of it, whoever is killed.
 */
export interface SharedMemory {
  readonly offer: Offer;
  /**
   * A part of it, for one writer.
   *
   * @param index 0 or more
   * @param bytes what it may take of the machine's memory; less where there is little
   * @param wraps whether to begin again where it is full, over what was written first
   */
  region(index: number, bytes: number, wraps: boolean): SharedRegion;
  /** From then on nothing is written. */
  close(): void;
}

export interface SharedRegion {
  /**
   * Copies a payload in, behind the one before.
   *
   * @returns where it is, until it is overwritten; undefined when it should go another way
   */
  write(payload: Uint8Array): SharedSpan | undefined;
  /** Begins again: what was written before has been read. */
  rewind(): void;
}

/** Another process's memory. */
export interface PeerMemory {
  /** Copies a span. @returns false when it is not there */
  read(span: SharedSpan, into: Uint8Array): boolean;
  close(): void;
}

/**
 * @param freeBytes what the machine has for all of it; asked for by default
 * @returns undefined where the system has no such memory
 */
export function createSharedMemory(freeBytes?: number): SharedMemory | undefined {
  if (process.platform !== 'linux') return undefined;
  const key = randomBytes(KEY_BYTES);
  let descriptor: number | undefined;
  let mostBytes: number;
  try {
    mostBytes = Math.floor((freeBytes ?? freeNow()) / SHARE);
    const path = `${FOLDER}/lockstep-${randomUUID()}`;
    descriptor = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    writeSync(descriptor, key);
  } catch {
    if (descriptor !== undefined) closeSync(descriptor);
    return undefined;
  }
  const file = descriptor;
  let closed = false;
  const region = (index: number, wanted: number, wraps: boolean): SharedRegion => {
    const begin = index * REGION_BYTES + KEY_BYTES;
    const bytes = Math.min(wanted, mostBytes);
    const largest = wraps ? bytes / LEAST_KEPT : bytes;
    let at = 0;
    return {
      write: (payload) => {
        const { length } = payload;
        if (closed || length < LEAST_BYTES || length > largest) return undefined;
        if (at + length > bytes) {
          if (!wraps) return undefined;
          at = 0;
        }
        const offset = begin + at;
        if (!writeAll(file, payload, offset)) return undefined;
        at += length;
        return { offset, length };
      },
      rewind: () => void (at = 0),
    };
  };
  const offer = { pid: process.pid, descriptor: file, key };
  const close = (): void => {
    if (!closed) closeSync(file);
    closed = true;
  };
  return { offer, region, close };
}

function freeNow(): number {
  const { bavail, bsize } = statfsSync(FOLDER);
  return bavail * bsize;
}

/** @returns undefined where it is on another machine, another user's, or not what it is said to be */
export function openPeerMemory({ pid, descriptor, key }: Offer): PeerMemory | undefined {
  if (process.platform !== 'linux' || key.length !== KEY_BYTES) return undefined;
  const path = `/proc/${pid}/fd/${descriptor}`;
  let opened: number | undefined;
  try {
    // Looked at before it is opened: to open a pipe or a device may have effects.
    if (!isNameless(statSync(path))) return undefined;
    opened = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = Buffer.alloc(KEY_BYTES);
    readSync(opened, found, 0, KEY_BYTES, 0);
    if (!found.equals(key) || !isNameless(fstatSync(opened))) throw new Error('another file');
  } catch {
    if (opened !== undefined) closeSync(opened);
    return undefined;
  }
  const file = opened;
  let closed = false;
  return {
    read: ({ offset, length }, into) => {
      if (closed || length !== into.length) return false;
      try {
        return readSync(file, into, 0, length, offset) === length;
      } catch {
        return false;
      }
    },
    close: () => {
      if (!closed) closeSync(file);
      closed = true;
    },
  };
}

/** Whether it is a file of this user's without a name. */
function isNameless(file: Stats): boolean {
  return file.isFile() && file.nlink === 0 && file.uid === process.getuid?.();
}

/** @returns false where memory is full */
function writeAll(descriptor: number, payload: Uint8Array, offset: number): boolean {
  try {
    return writeSync(descriptor, payload, 0, payload.length, offset) === payload.length;
  } catch {
    return false;
  }
}
