import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { npy, npyFile } from '../../spec-arrays.js';
import { readNpy } from './read-npy.js';
import { numbersOf, type StridedArray } from './strided-array.js';

/** @param size of the pieces in which the bytes arrive */
const read = (bytes: Uint8Array, size = 1000): Promise<StridedArray> => {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  return readNpy({ chunks: Readable.from(pieces), byteLength: bytes.length, place: 'a.npy' });
};

const integers = (min: number, max: number) => fc.integer({ min, max });
const TYPES: Record<string, fc.Arbitrary<number>> = {
  b1: integers(0, 1),
  ...{ u1: integers(0, 255), i1: integers(-128, 127) },
  ...{ u2: integers(0, 65_535), i2: integers(-32_768, 32_767) },
  ...{ u4: integers(0, 2 ** 32 - 1), i4: integers(-(2 ** 31), 2 ** 31 - 1) },
  ...{ u8: fc.maxSafeNat(), i8: fc.maxSafeInteger() },
  ...{ f4: fc.float(), f8: fc.double() },
};

const array = fc
  .record({
    type: fc.constantFrom(...Object.keys(TYPES)),
    order: fc.constantFrom('<', '>'),
    shape: fc.array(integers(1, 4), { minLength: 1, maxLength: 4 }),
    isColumnMajor: fc.boolean(),
  })
  .chain(({ type, order, shape, isColumnMajor }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return fc.record({
      ...{ descr: fc.constant(order + type), shape: fc.constant(shape) },
      isColumnMajor: fc.constant(isColumnMajor),
      values: fc.array(TYPES[type], { minLength: length, maxLength: length }),
    });
  });

describe('readNpy', () => {
  it('reads arrays of every type, order of dimensions and order of bytes', async () => {
    await fc.assert(
      fc.asyncProperty(array, integers(1, 200), async (written, size) => {
        const found = await read(npy(written), size);
        expect(found.shape).toEqual(written.shape);
        expect([...numbersOf(found)]).toEqual(written.values);
      }),
      { numRuns: 300 },
    );
  });

  it('reads float16: ordinary, subnormal and special values', async () => {
    const bits = [0x3c00, 0xc000, 0x3555, 0x7bff, 0x0001, 0x83ff, 0x0000, 0x7c00, 0x7e00];
    const content = new Uint8Array(Uint16Array.from(bits).buffer);
    const header = `{'descr': '<f2', 'fortran_order': False, 'shape': (9,), }`;
    expect([...numbersOf(await read(npyFile(header, content)))]).toEqual([
      ...[1, -2, 0.333251953125, 65_504, 2 ** -24, -1023 * 2 ** -24, 0, Infinity, NaN],
    ]);
  });

  it('reads headers as other writers spell them', async () => {
    const content = Uint8Array.of(1, 2, 3, 4, 5, 6);
    for (const header of [
      `{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 3L)}`,
      `{"shape":(2,3),"fortran_order":False,"descr":"u1"}`,
      `  {  'fortran_order' : False , 'shape' : ( 2 , 3 , ) , 'descr' : '=u1' , }  `,
    ]) {
      expect((await read(npyFile(header, content))).shape).toEqual([2, 3]);
    }
  });

  const head = (descr: string, shape = '(2, 3)', order = 'False'): string =>
    `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;
  const six = Uint8Array.of(1, 2, 3, 4, 5, 6);
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'it is empty'],
    ['a page', Buffer.from('<!doctype html><html></html>'), 'it is an HTML page'],
    ['pickled objects', npyFile(head(`'|O'`), six), 'pickled Python objects'],
    ['text', npyFile(head(`'<U3'`), six), 'its elements are text'],
    ['complex numbers', npyFile(head(`'<c8'`), six), 'complex numbers'],
    ['structures', npyFile(head(`[('a', '<f4'), ('b', '<i4')]`), six), 'structures'],
    ['a type named as a method', npyFile(head(`'toString'`), six), 'unknown type'],
    ['an order that is neither', npyFile(head(`'|u1'`, '(2, 3)', '(1,)'), six), 'its header is'],
    ['code in place of a size', npyFile(head(`'|u1'`, '(2, len(x))'), six), 'its header is'],
    ['a shape that is no tuple', npyFile(head(`'|u1'`, '(6)'), six), 'gives the shape (6)'],
    ['a negative size', npyFile(head(`'|u1'`, '(-2, 3)'), six), 'gives the shape (-2, 3)'],
    [
      'an entry twice',
      npyFile(`${head(`'|u1'`).slice(0, -1)}'shape': (6,)}`, six),
      'its header is',
    ],
    ['no elements', npyFile(head(`'|u1'`, '(0, 3)'), new Uint8Array()), 'its shape is (0, 3)'],
    [
      'more than a number counts',
      npyFile(head(`'|u1'`, '(99999999999, 99999999999)'), six),
      'shape',
    ],
    ['more than the file has', npyFile(head(`'<f8'`, '(4000, 4000)'), six), 'it is truncated'],
    ['less than the file has', npyFile(head(`'|u1'`, '(5,)'), six), 'followed by something else'],
    ['a later version', Buffer.from('\x93NUMPY\x04\0\0\0\0\0\0\0', 'latin1'), 'version is 4.0'],
    ['a long header', Buffer.from('\x93NUMPY\x02\0\xff\xff\xff\x7f', 'latin1'), 'header claims'],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
  });

  it('refuses a stream that is shorter or longer than the file was', async () => {
    const bytes = npy({ descr: '|u1', shape: [6], values: [...six] });
    const stream = (part: Uint8Array) =>
      readNpy({ chunks: Readable.from([part]), byteLength: bytes.length, place: 'a.npy' });
    await expect(stream(bytes.subarray(0, -1))).rejects.toThrow('134 expected');
    await expect(stream(Buffer.concat([bytes, six]))).rejects.toThrow('more bytes than it states');
  });
});
