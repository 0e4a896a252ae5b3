import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_VALUES, chunkHash, chunksOf, merkleRoot, sectionRoot } from './chunk-hash.js';

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** Floats of any bits. */
const bits = fc.array(fc.nat(0xffff_ffff), { minLength: 1, maxLength: 70 });
const floats = (words: readonly number[]): Float32Array =>
  new Float32Array(Uint32Array.from(words).buffer);

/** `length` values that all differ. */
const counted = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i + 1);

describe('chunkHash', () => {
  it('is that of a leaf over the values as little-endian float32', () => {
    const values = Float32Array.of(1.5, -2);
    expect(chunkHash(values)).toEqual(sha256(Uint8Array.of(0, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0)));
  });

  it('changes with any bit of any value', () => {
    fc.assert(
      fc.property(bits, fc.nat(), fc.nat(31), (words, place, bit) => {
        const at = place % words.length;
        const flipped = words.with(at, (words[at] ^ (1 << bit)) >>> 0);
        expect(chunkHash(floats(words))).not.toEqual(chunkHash(floats(flipped)));
      }),
    );
  });

  it('does not depend on the place of the values in memory', () => {
    fc.assert(
      fc.property(bits, bits, (words, others) => {
        const shifted = floats([...others, ...words, 1]).subarray(others.length, -1);
        expect(chunkHash(shifted)).toEqual(chunkHash(floats(words)));
      }),
    );
  });

  it('is of one chunk only', () => {
    expect(() => chunkHash(new Float32Array(CHUNK_VALUES + 1))).toThrow(RangeError);
  });
});

describe('the Merkle root', () => {
  /** RFC 6962, section 2.1, as it is written there. */
  const treeHash = (leaves: readonly Uint8Array[]): Buffer => {
    if (leaves.length === 0) return sha256();
    if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0]);
    let split = 1;
    while (split * 2 < leaves.length) split *= 2;
    return sha256(
      Uint8Array.of(1),
      treeHash(leaves.slice(0, split)),
      treeHash(leaves.slice(split)),
    );
  };

  it('is that of RFC 6962 for any number of chunks', () => {
    const leaves = Array.from({ length: 20 }, (_, i) => Uint8Array.of(i));
    for (let count = 0; count <= leaves.length; count++) {
      const some = leaves.slice(0, count);
      const hashes = some.map((leaf) => sha256(Uint8Array.of(0), leaf));
      expect(merkleRoot(hashes)).toBe(treeHash(some).toString('hex'));
    }
  });

  it('of a section is over its chunks of 65,536 values', () => {
    const values = counted(2 * CHUNK_VALUES + 1);
    const chunks = chunksOf(values);
    expect(chunks.map(({ length }) => length)).toEqual([CHUNK_VALUES, CHUNK_VALUES, 1]);
    expect(chunksOf(values.subarray(0, CHUNK_VALUES))).toHaveLength(1);
    expect(chunksOf(new Float32Array(0))).toEqual([]);
    const leaves = chunks.map((chunk) => new Uint8Array(chunk.slice().buffer));
    expect(sectionRoot(values)).toBe(treeHash(leaves).toString('hex'));
  });

  it('changes with a value of any chunk, with their order and with a missing one', () => {
    const values = counted(3 * CHUNK_VALUES);
    const roots = new Set([sectionRoot(values), sectionRoot(values.subarray(CHUNK_VALUES))]);
    const places = [0, CHUNK_VALUES - 1, CHUNK_VALUES, 3 * CHUNK_VALUES - 1];
    for (const place of places) roots.add(sectionRoot(values.with(place, 0)));
    const [first, second, third] = chunksOf(values).map(chunkHash);
    roots.add(merkleRoot([second, first, third]));
    roots.add(merkleRoot([first, second]));
    expect(roots.size).toBe(places.length + 4);
  });
});
