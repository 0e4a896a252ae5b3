import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSpec, dataTraits, type DataSet } from '../data-set.js';
import { idx, pattern, writeSet } from '../../spec-files.js';
import { loadDataSet } from '../load-data-set.js';
import { valuesHash } from '../values-hash.js';
import { pictureReader } from './picture-reader.js';

let root = '';
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockstep-pictures-'));
});
afterAll(() => rm(root, { recursive: true }));

type Settings = Parameters<typeof pictureReader.make>[0];

/** Writes files by their path below a new folder. */
async function folderOf(files: Record<string, Uint8Array>): Promise<string> {
  const folder = join(root, `set-${++folders}`);
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

const read = (folder: string, settings: Settings = {}): Promise<DataSet> =>
  pictureReader.make(settings).read(folder);

type Format = 'png' | 'webp' | 'jpeg' | 'gif' | 'tiff';

/** A picture of these bytes, [height, width, channels], in a lossless form where the format has one. */
function picture(
  pixels: Uint8Array,
  [height, width, channels]: readonly [number, number, 1 | 2 | 3 | 4],
  format: Format = 'png',
): Promise<Buffer> {
  const raw = sharp(pixels, { raw: { width, height, channels } });
  if (format === 'webp') return raw.webp({ lossless: true, exact: true }).toBuffer();
  return raw.toFormat(format).toBuffer();
}

const grey = (seed: number, format: Format = 'png'): Promise<Buffer> =>
  picture(
    pattern(12, 250).map((value) => value + (seed % 6)),
    [4, 3, 1],
    format,
  );

/** Two sound pictures in each of two classes. */
const sound = (one: Uint8Array): Record<string, Uint8Array> => ({
  ...{ 'a/8': one, 'a/9': one, 'b/8': one, 'b/9': one },
});

/** Five grey pictures of 4×3 in each of two classes. */
async function smallFolder(format: Format = 'png', suffix = 'png'): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 10; i++) {
    files[`${i < 5 ? 'cat' : 'dog'}/${i}.${suffix}`] = await grey(i, format);
  }
  return folderOf(files);
}

describe('a folder of pictures', () => {
  it('is read by the names of its folders, and divided by seed', async () => {
    const folder = await smallFolder();
    const data = await loadDataSet(folder);
    expect(data).toMatchObject({
      inputShape: [4, 3, 1],
      target: { classes: 2 },
      classNames: ['cat', 'dog'],
      train: { count: 8 },
      test: { count: 2, targets: Int32Array.of(0, 1) },
    });
    expect(dataTraits(data)).toMatchObject({ classNames: ['cat', 'dog'], unusedLabels: [] });
    const half = await read(folder, { testSplit: 0.4 });
    expect(half.test.count).toBe(4);
    const reader = pictureReader.make({ testSplit: 0.4 });
    expect(await reader.readTestSplit(folder, dataSpec(half))).toEqual(half.test);
    await expect(reader.readTestSplit(folder, dataSpec(data))).rejects.toMatchObject({
      code: 'data-damaged',
    });
  });

  it('has the same values in every lossless format, whatever the names of the files', async () => {
    const { sha256 } = await read(await smallFolder());
    expect((await read(await smallFolder('webp', 'PNG'))).sha256).toBe(sha256);
    expect((await read(await smallFolder('gif', 'jpg'))).sha256).toBe(sha256);
    expect((await read(await smallFolder('jpeg'))).sha256).not.toBe(sha256);
  });

  it('has the values of the same samples as idx', async () => {
    const labels = Uint8Array.of(0, 0, 1, 1);
    const files: Record<string, Uint8Array> = {};
    const halves = { train: pattern(48), test: pattern(60).subarray(12) };
    for (const [half, pixels] of Object.entries(halves)) {
      for (const [i, label] of labels.entries()) {
        const sample = pixels.subarray(12 * i, 12 * i + 12);
        files[`${half}/${label}/${i}`] = await picture(sample, [4, 3, 1]);
      }
    }
    const pictures = await loadDataSet(await folderOf(files));
    const asIdx = await loadDataSet(
      await writeSet(await folderOf({ x: labels }), {
        'train-images-idx3-ubyte': idx([4, 4, 3], halves.train),
        'train-labels-idx1-ubyte': idx([4], labels),
        't10k-images-idx3-ubyte': idx([4, 4, 3], halves.test),
        't10k-labels-idx1-ubyte': idx([4], labels),
      }),
    );
    expect(pictures.sha256).toBe(valuesHash(asIdx));
    expect(pictures.train.targets).toEqual(asIdx.train.targets);
  });

  it('takes test/ or validation/ as its test set, hidden files and those of file managers omitted', async () => {
    const one = await grey(1);
    const junk = {
      'Train/a/.hidden': one,
      'Train/a/Thumbs.db': one,
      'Train/.cache/0.png': one,
      '__MACOSX/a/0.png': one,
    };
    const halves = { 'Train/a/0.PNG': one, 'Train/b/0.png': one, 'val/b/0.png': one };
    const folder = await folderOf({ ...junk, ...halves });
    const data = await loadDataSet(folder);
    expect(data.train.count).toBe(2);
    expect(data.test).toMatchObject({ count: 1, targets: Int32Array.of(1) });
    await writeFile(join(folder, 'val/b/1.png'), one);
    await mkdir(join(folder, 'validation/a'), { recursive: true });
    await writeFile(join(folder, 'validation/a/0.png'), one);
    const { test, notes } = await read(folder);
    expect(test.count).toBe(1);
    expect(notes?.[0]).toMatch(/test set: .*validation; not used: .*val$/);
    await expect(read(folder, { testSplit: 0.5 })).rejects.toMatchObject({ code: 'bad-option' });
    await expect(read(folder, { splitSeed: 1 })).rejects.toThrow('--split-seed cannot be used');
  });

  it('may have a class named train, and links', async () => {
    const folder = await smallFolder();
    await symlink(join(folder, 'dog'), join(folder, 'train'));
    expect((await loadDataSet(folder)).classNames).toEqual(['cat', 'dog', 'train']);
  });
});

describe('a picture', () => {
  const red = Uint8Array.of(255, 0, 0);

  async function sample(bytes: Uint8Array, settings: Settings = {}): Promise<readonly number[]> {
    const folder = await folderOf(sound(bytes));
    const { train, inputShape } = await read(folder, { testSplit: 0.5, ...settings });
    expect(train.inputs).toHaveLength(2 * inputShape.reduce((a, b) => a * b));
    return [...train.inputs.subarray(0, train.inputs.length / 2)];
  }

  it('keeps its colours, or becomes grey by its luma', async () => {
    const bytes = await picture(red, [1, 1, 3]);
    expect(await sample(bytes)).toEqual([255, 0, 0]);
    expect(await sample(bytes, { colour: 'grey' })).toEqual([76]);
    expect(await sample(await picture(Uint8Array.of(9, 9, 9), [1, 1, 3]))).toEqual([9]);
    expect(await sample(await grey(0), { colour: 'rgb' })).toHaveLength(36);
  });

  it('is white where it is transparent', async () => {
    const pixels = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 51);
    expect(await sample(await picture(pixels, [1, 3, 4]))).toEqual([255, 0, 204]);
  });

  it('is turned as its EXIF data say', async () => {
    const upright = sharp(Uint8Array.of(1, 2, 3), { raw: { width: 3, height: 1, channels: 1 } });
    const bytes = await upright.withMetadata({ orientation: 8 }).png().toBuffer();
    expect(await sample(bytes)).toEqual([3, 2, 1]);
  });

  it('is scaled by the areas of its pixels', async () => {
    const bytes = await picture(Uint8Array.of(0, 10, 20, 30, 40, 50), [2, 3, 1]);
    expect(await sample(bytes, { size: [1] })).toEqual([25]);
    expect(await sample(bytes, { size: [1, 3] })).toEqual([15, 25, 35]);
    expect(await sample(bytes, { size: [2, 2] })).toEqual([3, 17, 33, 47]);
    expect(await sample(bytes, { size: [2, 6] })).toEqual([
      ...[0, 0, 10, 10, 20, 20],
      ...[30, 30, 40, 40, 50, 50],
    ]);
  });
});

describe('a folder of pictures is refused', () => {
  const page = Buffer.from('<!doctype html><html><body>Not found</body></html>');

  it.each<[string, (one: Uint8Array) => Record<string, Uint8Array>, string, string]>([
    ['a single class', (one) => ({ 'a/1': one }), 'data-invalid', 'a single class, a'],
    [
      'no class folder',
      (one) => ({ '1.png': one }),
      'data-invalid',
      'holds 1.png and no folder, expected a folder for each class',
    ],
    [
      'a class of folders',
      (one) => ({ 'pets/a/1.png': one, 'pets/b/1.png': one }),
      'data-invalid',
      'pets is a class, but holds the folder a',
    ],
    [
      'a class that only the test set has',
      (one) => ({ 'train/a/1': one, 'train/b/1': one, 'test/a/1': one, 'test/c/1': one }),
      'data-invalid',
      'test/c is a class that',
    ],
    [
      'a web page',
      (one) => ({ ...sound(one), 'a/1.jpg': page }),
      'data-damaged',
      'a/1.jpg: it is an HTML page',
    ],
    [
      'several files that are no pictures',
      (one) => ({ ...sound(one), 'a/1.txt': Buffer.from('one'), 'b/1': page }),
      'data-damaged',
      'a/1.txt: it is plain text; PNG, JPEG, WebP, GIF, TIFF and AVIF are read; nor can these',
    ],
    [
      'an SVG drawing',
      (one) => ({ ...sound(one), 'b/0': Buffer.from('<svg xmlns="x"/>') }),
      'data-damaged',
      'b/0: it is an SVG drawing',
    ],
    [
      'an empty file',
      (one) => ({ ...sound(one), 'b/0': Buffer.alloc(0) }),
      'data-damaged',
      'b/0: it is empty',
    ],
  ])('%s', async (_, files, code, message) => {
    const folder = await folderOf(files(await grey(1)));
    await expect(read(folder, { testSplit: 0.5 })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
      remedy: expect.stringMatching(/\w/) as string,
    });
  });

  it('with an empty class', async () => {
    const folder = await smallFolder();
    await mkdir(join(folder, 'eel'));
    await expect(loadDataSet(folder)).rejects.toThrow(/eel holds no pictures/);
  });

  it('with pictures of two sizes, unless they are scaled', async () => {
    const other = await picture(pattern(30), [5, 6, 1]);
    const folder = await folderOf({ ...sound(await grey(1)), 'b/1.png': other });
    await expect(read(folder, { testSplit: 0.5 })).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringMatching(/ is 4×3 .*b\/1.png is 5×6/) as string,
      remedy: expect.stringContaining('--size') as string,
    });
    expect((await read(folder, { size: [2, 3], testSplit: 0.5 })).inputShape).toEqual([2, 3, 1]);
  });

  it('with a truncated file of any format', async () => {
    const noise = fc.sample(fc.uint8Array({ minLength: 3072, maxLength: 3072 }), {
      numRuns: 1,
      seed: 1,
    });
    for (const format of ['png', 'jpeg', 'webp', 'gif'] as const) {
      const whole = await picture(noise[0], [32, 32, 3], format);
      const short = whole.subarray(0, Math.floor(whole.length * 0.95));
      const folder = await folderOf({ ...sound(whole), 'b/1': short });
      await expect(read(folder, { testSplit: 0.5 })).rejects.toMatchObject({
        code: 'data-damaged',
        message: expect.stringContaining('b/1: the ') as string,
      });
    }
  });

  it('with a picture that declares too many pixels', async () => {
    const bytes = await grey(1);
    bytes.writeUInt32BE(70_000, 16);
    bytes.writeUInt32BE(70_000, 20);
    const folder = await folderOf({ ...sound(await grey(1)), 'a/1': bytes });
    await expect(read(folder, { testSplit: 0.5 })).rejects.toThrow(
      'a/1: it declares more pixels than are decoded',
    );
  });

  it('or read, with a LockstepError, whatever its files hold', async () => {
    const formats: readonly Format[] = ['png', 'jpeg', 'webp', 'gif', 'tiff'];
    const pictures = await Promise.all(
      formats.map((format) => picture(pattern(768, 255), [16, 16, 3], format)),
    );
    const damage = fc.record({
      format: fc.nat(formats.length - 1),
      changes: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
        minLength: 1,
        maxLength: 6,
      }),
      share: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    });
    const folder = await folderOf(sound(pictures[0]));
    const before = process.memoryUsage().rss;
    await fc.assert(
      fc.asyncProperty(damage, async ({ format, changes, share }) => {
        const bytes = Buffer.from(pictures[format]);
        for (const [place, value] of changes) bytes[Math.floor(place * (bytes.length - 1))] = value;
        await writeFile(join(folder, 'b/8'), bytes.subarray(0, Math.ceil(share * bytes.length)));
        try {
          const { train } = await read(folder, { size: [8], testSplit: 0.5 });
          expect(train.inputs.length % 64).toBe(0);
        } catch (error) {
          expect(error).toBeInstanceOf(LockstepError);
        }
      }),
      { numRuns: 500 },
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  }, 60_000);
});
