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
export class SharedMemory {
  readonly offer: Offer;
  readonly #mostBytes: number;
  #isClosed = false;

  private constructor(offer: Offer, mostBytes: number) {
    this.offer = offer;
    this.#mostBytes = mostBytes;
  }

  /**
   * @param freeBytes free memory of the machine; determined by default
   * @returns undefined if the system has no such memory
   */
  static create(freeBytes?: number): SharedMemory | undefined {
    if (process.platform !== 'linux') return undefined;
    const key = randomBytes(KEY_BYTES);
    let descriptor: number | undefined;
    try {
      const mostBytes = Math.floor((freeBytes ?? freeNow()) / SHARE);
      const path = `${FOLDER}/lockstep-${randomUUID()}`;
      descriptor = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      writeSync(descriptor, key);
      return new SharedMemory({ pid: process.pid, descriptor, key }, mostBytes);
    } catch {
      if (descriptor !== undefined) closeSync(descriptor);
      return undefined;
    }
  }

  /**
   * A region for one writer.
   *
   * @param index 0 or more
   * @param wanted its size in bytes; less if little memory is free
   * @param wraps whether it is a ring, which overwrites its oldest payloads
   */
  region(index: number, wanted: number, wraps: boolean): SharedRegion {
    const bytes = Math.min(wanted, this.#mostBytes);
    return new SharedRegion({
      write: (payload, offset) =>
        !this.#isClosed && writeAll(this.offer.descriptor, payload, offset),
      ...{ begin: index * REGION_BYTES + KEY_BYTES, bytes, wraps },
    });
  }

  /** Ends writing. */
  close(): void {
    if (!this.#isClosed) closeSync(this.offer.descriptor);
    this.#isClosed = true;
  }
}

interface RegionParts {
  /** @returns false where nothing can be written */
  readonly write: (payload: Uint8Array, offset: number) => boolean;
  /** Where it begins in the file. */
  readonly begin: number;
  readonly bytes: number;
  readonly wraps: boolean;
}

/** A part of this process's shared memory, for one writer. */
export class SharedRegion {
  readonly #parts: RegionParts;
  #at = 0;

  constructor(parts: RegionParts) {
    this.#parts = parts;
  }

  /**
   * Copies a payload into the region, after the previous one.
   *
   * @returns its span, valid until it is overwritten; undefined if it must be sent in messages
   */
  write(payload: Uint8Array): SharedSpan | undefined {
    const { begin, bytes, wraps } = this.#parts;
    const { length } = payload;
    if (length < LEAST_BYTES || length > (wraps ? bytes / LEAST_KEPT : bytes)) return undefined;
    if (this.#at + length > bytes) {
      if (!wraps) return undefined;
      this.#at = 0;
    }
    const offset = begin + this.#at;
    if (!this.#parts.write(payload, offset)) return undefined;
    this.#at += length;
    return { offset, length };
  }

  /** Starts at the beginning: everything written before has been read. */
  rewind(): void {
    this.#at = 0;
  }
}

function freeNow(): number {
  const { bavail, bsize } = statfsSync(FOLDER);
  return bavail * bsize;
}

/** Another process's memory. */
export class PeerMemory {
  readonly #descriptor: number;
  #isClosed = false;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** @returns undefined if it is on another machine, belongs to another user, or has another key */
  static open({ pid, descriptor, key }: Offer): PeerMemory | undefined {
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
      return new PeerMemory(opened);
    } catch {
      if (opened !== undefined) closeSync(opened);
      return undefined;
    }
  }

  /** Copies a span. @returns false if it cannot be read */
  read({ offset, length }: SharedSpan, into: Uint8Array): boolean {
    if (this.#isClosed || length !== into.length) return false;
    try {
      return readSync(this.#descriptor, into, 0, length, offset) === length;
    } catch {
      return false;
    }
  }

  close(): void {
    if (!this.#isClosed) closeSync(this.#descriptor);
    this.#isClosed = true;
  }
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
