import { crc32c } from '@aws-crypto/crc32c';

/**
 * A record of a TFRecord file: its length, the length's checksum, the bytes, and their checksum
 * (tensorflow/core/lib/io/record_writer.h).
 */
export function encodeRecord(bytes: Uint8Array): Uint8Array {
  const record = Buffer.alloc(8 + 4 + bytes.byteLength + 4);
  record.writeBigUInt64LE(BigInt(bytes.byteLength), 0);
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
  record.set(bytes, 12);
  record.writeUInt32LE(maskedCrc(bytes), 12 + bytes.byteLength);
  return record;
}

/** Masked CRC32C, so that checksums of data that contains checksums are still reliable. */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
