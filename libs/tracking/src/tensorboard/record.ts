import { crc32c } from '@aws-crypto/crc32c';

/**
 * One record of a TFRecord file: its length, the length's checksum, the bytes, and theirs
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

/** CRC32C, rotated and shifted so that a checksum of bytes that hold checksums is still a good one. */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
