import { open, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '@aws-crypto/crc32c';
import { makeFolder } from '@lockstep/core';
import { Event } from '../generated/tensorboard/event.js';

/** An event file that is written in the background. */
export interface EventFile {
  add(event: Event): void;
  /** Writes the remaining events. */
  close(): Promise<void>;
}

/** Maximum number of events kept while the disk is not writable. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * Opens a new event file with a name that TensorBoard recognises. Events are written at once, or in
 * a batch while others are being written, so that none is missing after a crash; events that could
 * not be written are kept for the next attempt, and incomplete records are truncated.
 *
 * @param troubled called, once, when it cannot be written
 */
export function openEventFile(
  folder: string,
  startedAt: number,
  troubled: (error: unknown) => void,
): EventFile {
  const seconds = String(Math.floor(startedAt / 1000)).padStart(10, '0');
  const path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.0`);
  let file: FileHandle | undefined;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let length = 0;
  let told = false;
  let writing: Promise<void> = Promise.resolve();
  let soon: NodeJS.Immediate | undefined;

  const add = (event: Event): void => {
    const record = encodeRecord(Event.encode(event).finish());
    if (waitingBytes + record.byteLength > MOST_KEPT_BYTES) return;
    waiting.push(record);
    waitingBytes += record.byteLength;
    soon ??= setImmediate(() => {
      soon = undefined;
      void flush();
    });
  };
  const write = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const batch = [...waiting]; // more may be added during the write
    try {
      file ??= await openFile(folder, path);
      const bytes = Buffer.concat(batch);
      await file.appendFile(bytes);
      length += bytes.byteLength;
      waiting = waiting.slice(batch.length);
      waitingBytes -= bytes.byteLength;
    } catch (error) {
      await file?.truncate(length).catch(() => undefined);
      if (!told) troubled(error);
      told = true;
    }
  };
  const flush = (): Promise<void> => (writing = writing.then(write));

  add({
    wallTime: startedAt / 1000,
    step: 0,
    what: { $case: 'fileVersion', value: 'brain.Event:2' },
  });
  return {
    add,
    close: async () => {
      clearImmediate(soon);
      await flush();
      await file?.close();
    },
  };
}

async function openFile(folder: string, path: string): Promise<FileHandle> {
  await makeFolder(folder);
  return open(path, 'a');
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
