import { open, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '@aws-crypto/crc32c';
import { makeFolder } from '@lockstep/core';
import { Event } from '../generated/tensorboard/event.js';

/** Maximum number of events kept while the disk is not writable. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * An event file, with a name that TensorBoard recognises. Events are written in the background, at
 * once, or in a batch while others are being written, so that none is missing after a crash; events
 * that could not be written are kept for the next attempt, and incomplete records are truncated.
 */
export class EventFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #onError: (error: unknown) => void;
  #file: FileHandle | undefined;
  /** Bytes that the file has by complete records. */
  #length = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isReported = false;
  #writing: Promise<void> = Promise.resolve();
  #soon: NodeJS.Immediate | undefined;

  /** @param onError called once, when the file cannot be written */
  constructor(folder: string, startedAt: number, onError: (error: unknown) => void) {
    const seconds = String(Math.floor(startedAt / 1000)).padStart(10, '0');
    this.#folder = folder;
    this.#path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.0`);
    this.#onError = onError;
    const what = { $case: 'fileVersion', value: 'brain.Event:2' } as const;
    this.add({ wallTime: startedAt / 1000, step: 0, what });
  }

  add(event: Event): void {
    const record = encodeRecord(Event.encode(event).finish());
    if (this.#waitingBytes + record.byteLength > MOST_KEPT_BYTES) return;
    this.#waiting.push(record);
    this.#waitingBytes += record.byteLength;
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      void this.#flush();
    });
  }

  /** Writes the remaining events. */
  async close(): Promise<void> {
    clearImmediate(this.#soon);
    await this.#flush();
    await this.#file?.close();
  }

  #flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const batch = [...this.#waiting]; // more may be added during the write
    try {
      this.#file ??= await this.#open();
      const bytes = Buffer.concat(batch);
      await this.#file.appendFile(bytes);
      this.#length += bytes.byteLength;
      this.#waiting = this.#waiting.slice(batch.length);
      this.#waitingBytes -= bytes.byteLength;
    } catch (error) {
      await this.#file?.truncate(this.#length).catch(() => undefined);
      if (!this.#isReported) this.#onError(error);
      this.#isReported = true;
    }
  }

  async #open(): Promise<FileHandle> {
    await makeFolder(this.#folder);
    return open(this.#path, 'a');
  }
}

/**
 * A record of a TFRecord file: its length, the length's checksum, the bytes, and their checksum
 * (tensorflow/core/lib/io/record_writer.h).
 */
function encodeRecord(bytes: Uint8Array): Uint8Array {
  const record = Buffer.alloc(8 + 4 + bytes.byteLength + 4);
  record.writeBigUInt64LE(BigInt(bytes.byteLength), 0);
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
  record.set(bytes, 12);
  record.writeUInt32LE(maskedCrc(bytes), 12 + bytes.byteLength);
  return record;
}

/** Masked CRC32C, so that checksums of data that contains checksums are still reliable. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
