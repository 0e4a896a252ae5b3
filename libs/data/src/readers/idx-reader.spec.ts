import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idx, idxOf, pattern, smallSet, writeSet, type IdxType } from '../../spec-files.js';
import { numbersOf } from '../arrays/strided-array.js';
import { loadDataSet } from '../load-data-set.js';
import { readIdx } from './idx.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockstep-idx-'));
});
afterAll(() => rm(root, { recursive: true }));

async function folderWith(files: Record<string, Uint8Array>): Promise<string> {
  return writeSet(await mkdtemp(join(root, 'set-')), files);
}

const TYPES: Record<IdxType, fc.Arbitrary<number>> = {
  uint8: fc.integer({ min: 0, max: 255 }),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  int32: fc.integer(),
  float32: fc.float(),
  float64: fc.double(),
};
const array = fc
  .record({
    type: fc.constantFrom(...(Object.keys(TYPES) as IdxType[])),
    shape: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 7 }),
  })
  .chain(({ type, shape }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const values = fc.array(TYPES[type], { minLength: length, maxLength: length });
    return fc.record({ type: fc.constant(type), shape: fc.constant(shape), values });
  });

it('reads idx files of every type and number of dimensions', () => {
  fc.assert(
    fc.property(array, ({ type, shape, values }) => {
      const found = readIdx(idxOf(type, shape, values), 'a');
      expect(found).toMatchObject({ type, shape });
      expect([...numbersOf(found)]).toEqual(values);
    }),
  );
});

describe('the idx reader', () => {
  const small = smallSet();
  const trainImages = small['train-images-idx3-ubyte'];
  const trainLabels = small['train-labels-idx1-ubyte'];

  it('divides the samples of two files, whatever their names', async () => {
    const usual = await loadDataSet(
      await folderWith({
        'train-images-idx3-ubyte': trainImages,
        'train-labels-idx1-ubyte': trainLabels,
      }),
    );
    expect([usual.train.count, usual.test.count]).toEqual([15, 5]);
    const files = { 'b.dat': gzipSync(trainImages), a: trainLabels, 'notes.txt': Buffer.from('x') };
    const folder = await folderWith(files);
    for (const path of [folder, join(folder, 'a')]) {
      expect((await loadDataSet(path)).sha256).toBe(usual.sha256);
    }
    const again = await loadDataSet(folder, { testSplit: 0.5, splitSeed: 1 });
    expect(again.test.count).toBeGreaterThan(5);
  });

  it('finds four files of other names by their dimensions', async () => {
    const usual = await loadDataSet(await folderWith(small));
    const other = await folderWith({
      ...{ 'x-train': trainImages, 'y-train': trainLabels },
      ...{ 'x-val': small['t10k-images-idx3-ubyte'], 'y-val': small['t10k-labels-idx1-ubyte'] },
    });
    expect((await loadDataSet(other)).sha256).toBe(usual.sha256);
    await expect(loadDataSet(other, { testSplit: 0.5 })).rejects.toMatchObject({
      code: 'bad-option',
    });
  });

  it('reads numbers in columns, labels above 255, and the values of a regression', async () => {
    const columns = Array.from({ length: 12 }, (_, i) => i / 4);
    const labels = [0, 70, 65_535, 0, 70, 65_535];
    const classes = await loadDataSet(
      await folderWith({ a: idxOf('float64', [6, 2], columns), b: idxOf('int32', [6], labels) }),
      { testSplit: 0.5 },
    );
    expect(classes).toMatchObject({ inputShape: [2], target: { classes: 65_536 } });
    expect(classes.train.inputs).toBeInstanceOf(Float32Array);
    expect(classes.notes).toEqual([
      'inputs: a, float64 [6, 2]; targets: b, int32 [6]',
      'no test set of its own: 3 of 6 samples are for testing',
    ]);
    const values = await loadDataSet(
      await folderWith({
        a: idxOf('float32', [6, 2], columns),
        'targets.idx': idxOf('float32', [6, 2], columns),
      }),
    );
    expect(values).toMatchObject({ inputShape: [2], target: { values: 2 } });
    expect([...values.train.inputs]).toEqual([...values.train.targets]);
  });

  it('refuses files of which it is unclear what they hold', async () => {
    const numbers = idxOf('float32', [2, 1], [1, 2]);
    await expect(loadDataSet(await folderWith({ a: numbers, b: numbers }))).rejects.toThrow(
      'which of them holds the labels: a (float32 [2, 1]), b (float32 [2, 1])',
    );
    const four = { a: trainImages, b: trainLabels, c: trainImages, d: trainLabels };
    await expect(loadDataSet(await folderWith(four))).rejects.toThrow(
      'which two hold the training set',
    );
  });

  it('says what is wrong with a file of a usual name', async () => {
    const labels = { 'train-labels-idx1-ubyte': trainLabels };
    const page = await folderWith({ ...labels, 'train-images-idx3-ubyte': Buffer.from('<html>') });
    await expect(loadDataSet(page)).rejects.toThrow('it is an HTML page');
    const cut = gzipSync(trainImages).subarray(0, 60);
    const gzip = await folderWith({ ...labels, 'train-images-idx3-ubyte.gz': cut });
    await expect(loadDataSet(gzip)).rejects.toThrow('gzip cannot be opened');
  });

  it('refuses channels that come first', async () => {
    const folder = await folderWith({ a: idx([20, 3, 2, 2], pattern(240)), b: trainLabels });
    await expect(loadDataSet(folder)).rejects.toThrow('looks like [n, channels, height, width]');
    expect((await loadDataSet(folder, { channels: 'first' })).inputShape).toEqual([2, 2, 3]);
  });
});
