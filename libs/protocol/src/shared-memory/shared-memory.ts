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

/** Smaller payloads are faster in a message. */
const LEAST_BYTES = 16 * 1024;
/** A ring holds at least this many payloads, for readers that are slightly behind. */
const LEAST_KEPT = 8;
const KEY_BYTES = 16;
const FOLDER = '/dev/shm';
/** A region takes at most this fraction of the free memory: containers have 64 MB in total. */
const SHARE = 8;
/** Distance between two regions; the file is sparse. */
const REGION_BYTES = 2 ** 40;

/**
 * Memory of this process that other processes on its machine may read: an unlinked file in memory,
 * so that nothing remains of it after any process is killed.
 */
export interface SharedMemory {
  readonly offer: Offer;
  /**
   * A region for one writer.
   *
   * @param index 0 or more
   * @param bytes its size; less if little memory is free
   * @param wraps whether it is a ring, which overwrites its oldest payloads
   */
  region(index: number, bytes: number, wraps: boolean): SharedRegion;
  /** Ends writing. */
  close(): void;
}

export interface SharedRegion {
  /**
   * Copies a payload into the region, after the previous one.
   *
   * @returns its span, valid until it is overwritten; undefined if it must be sent in messages
   */
  write(payload: Uint8Array): SharedSpan | undefined;
  /** Starts at the beginning: everything written before has been read. */
  rewind(): void;
}

/** Another process's memory. */
export interface PeerMemory {
  /** Copies a span. @returns false if it cannot be read */
  read(span: SharedSpan, into: Uint8Array): boolean;
  close(): void;
}

/**
 * @param freeBytes free memory of the machine; determined by default
 * @returns undefined if the system has no such memory
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

/** @returns undefined if it is on another machine, belongs to another user, or has another key */
export function openPeerMemory({ pid, descriptor, key }: Offer): PeerMemory | undefined {
  if (process.platform !== 'linux' || key.length !== KEY_BYTES) return undefined;
  const path = `/proc/${pid}/fd/${descriptor}`;
  let opened: number | undefined;
  try {
    // Check before opening: opening a pipe or a device may have side effects.
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

/** Whether it is an unlinked file of this user. */
function isNameless(file: Stats): boolean {
  return file.isFile() && file.nlink === 0 && file.uid === process.getuid?.();
}

/** @returns false if memory is full */
function writeAll(descriptor: number, payload: Uint8Array, offset: number): boolean {
  try {
    return writeSync(descriptor, payload, 0, payload.length, offset) === payload.length;
  } catch {
    return false;
  }
}
