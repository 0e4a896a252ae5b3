import { createHash } from 'node:crypto';
import { foldTree } from './fold-tree.js';
import { encodeTensor } from './tensor-bytes.js';

/** Values of a chunk. The last chunk of a section may be shorter. */
export const CHUNK_VALUES = 65_536;

/** Leaves and inner nodes begin with different bytes, so that neither can be taken for the other. */
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** A section's chunks, in order, as views; none of an empty section. */
export function chunksOf(section: Float32Array): readonly Float32Array[] {
  return Array.from({ length: Math.ceil(section.length / CHUNK_VALUES) }, (_, index) =>
    section.subarray(index * CHUNK_VALUES, (index + 1) * CHUNK_VALUES),
  );
}

/**
 * SHA-256 over a 0 byte and the chunk's values as little-endian float32. It depends on the values only,
 * not on the bytes in which they came.
 *
 * @param chunk at most `CHUNK_VALUES` values, made canonical by `canonicalise`
 * @throws RangeError when there are more
 */
export function chunkHash(chunk: Float32Array): Buffer {
  if (chunk.length > CHUNK_VALUES) throw new RangeError(`a chunk of ${chunk.length} values`);
  return createHash('sha256').update(LEAF).update(encodeTensor(chunk, 'f32')).digest();
}

/**
 * The root of the Merkle tree over chunk hashes (RFC 6962, section 2.1): a node is SHA-256 over a 1 byte
 * and its two children. An aligned subtree can be hashed from its own chunks alone.
 *
 * @returns hex; of no chunks SHA-256 of nothing
 */
export function merkleRoot(chunkHashes: readonly Uint8Array[]): string {
  if (chunkHashes.length === 0) return createHash('sha256').digest('hex');
  const root = foldTree(chunkHashes, (left, right) =>
    createHash('sha256').update(NODE).update(left).update(right).digest(),
  );
  return Buffer.from(root).toString('hex');
}

/** The Merkle root of a section's chunks, hex. */
export function sectionRoot(section: Float32Array): string {
  return merkleRoot(chunksOf(section).map(chunkHash));
}
