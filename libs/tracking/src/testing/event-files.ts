import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Event } from '../generated/tensorboard/event.js';

/** The events of a folder's files, oldest first, read with an independent checksum. */
export function readEventFiles(folder: string): Event[] {
  const names = readdirSync(folder).filter((name) => name.startsWith('events.out.tfevents.'));
  return names.sort().flatMap((name) => readRecords(readFileSync(join(folder, name))).map(decode));
}

/** @throws Error if a record is incomplete or does not match its checksums */
export function readRecords(bytes: Buffer): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    mustFit(bytes.subarray(at, at + 8), bytes.readUInt32LE(at + 8));
    const record = bytes.subarray(at + 12, at + 12 + length);
    mustFit(record, bytes.readUInt32LE(at + 12 + length));
    records.push(record);
    at += 16 + length;
  }
  return records;
}

function decode(record: Uint8Array): Event {
  return Event.decode(record);
}

function mustFit(bytes: Uint8Array, masked: number): void {
  const rotated = (masked - 0xa282ead8) >>> 0;
  const crc = ((rotated << 15) | (rotated >>> 17)) >>> 0;
  if (crc32c(bytes) !== crc) throw new Error('a checksum does not fit');
}

/** Bitwise CRC with Castagnoli's polynomial. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
