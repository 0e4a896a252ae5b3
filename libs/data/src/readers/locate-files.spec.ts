import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { LockstepError } from '@lockstep/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idx, pattern, smallSet, writeSet, type WriteOptions } from '../../spec-files.js';
import { dataTraits } from '../data-set.js';
import { loadDataSet } from '../load-data-set.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockstep-layouts-'));
});
afterAll(() => rm(root, { recursive: true }));
const newFolder = (): Promise<string> => mkdtemp(join(root, 'set-'));

/** Writes the small set to a folder below a new one. @returns the new one */
async function below(place: string, options: WriteOptions = {}, given?: string): Promise<string> {
  const folder = given ?? (await newFolder());
  await mkdir(join(folder, place), { recursive: true });
  await writeSet(join(folder, place), smallSet(), options);
  return folder;
}

const prefixed =
  (prefix: string) =>
  (name: string): string =>
    `${prefix}-${name.replace('t10k', 'test')}`;

async function refusal(path: string): Promise<LockstepError> {
  const error: unknown = await loadDataSet(path).catch((thrown: unknown) => thrown);
  if (error instanceof LockstepError) return error;
  throw new Error(`${path} was not refused`);
}

describe('a data set is found', () => {
  it.each(['MNIST/raw', 'FashionMNIST/raw', 'EMNIST/raw', 'raw', 'a/b/c'])(
    'in %s',
    async (place) => {
      const folder = await below(place);
      expect(await loadDataSet(folder)).toMatchObject({
        name: basename(folder),
        train: { count: 20 },
      });
    },
  );

  it('plain and gzipped side by side, as torchvision leaves it', async () => {
    const folder = await below('MNIST/raw', {}, await below('MNIST/raw', { gzip: true }));
    expect((await loadDataSet(folder)).test.count).toBe(10);
  });

  it('as files beside folders of nearly the same names, and inside them alone', async () => {
    const folder = await below('.', { rename: (name) => name.replace('-idx', '.idx') });
    for (const [name, bytes] of Object.entries(smallSet())) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, name), bytes);
    }
    expect((await loadDataSet(folder)).train.count).toBe(20);
    for (const name of Object.keys(smallSet()))
      await rm(join(folder, name.replace('-idx', '.idx')));
    expect((await loadDataSet(folder)).train.count).toBe(20);
    const inside = join(folder, 'train-images-idx3-ubyte', 'train-images-idx3-ubyte');
    expect((await loadDataSet(inside)).train.count).toBe(20);
  });

  it('whatever the case of its names, through links, by one of its files, and by URL', async () => {
    const folder = await below('.', { rename: (name) => name.toUpperCase() });
    const linked = join(await newFolder(), 'two words ü');
    await symlink(folder, linked);
    expect((await loadDataSet(linked)).name).toBe('two words ü');
    expect((await loadDataSet(pathToFileURL(linked).href)).name).toBe('two words ü');
    const file = join(folder, 'TRAIN-LABELS-IDX1-UBYTE');
    expect(await loadDataSet(file)).toMatchObject({
      name: basename(folder),
      target: { classes: 5 },
    });
  });

  it('by its prefix where several are in one folder', async () => {
    const folder = await below('.', { rename: prefixed('emnist-letters') });
    expect((await loadDataSet(folder)).name).toBe(basename(folder));
    await below('.', { rename: prefixed('emnist-digits'), gzip: true }, folder);
    const error = await refusal(folder);
    expect(error.message).toBe(`${folder} holds 2 data sets: emnist-digits, emnist-letters`);
    expect(error.remedy).toContain(`--data ${join(folder, 'emnist-digits')}`);
    expect((await loadDataSet(join(folder, 'EMNIST-letters'))).name).toBe('EMNIST-letters');
    const file = join(folder, 'emnist-digits-train-images-idx3-ubyte.gz');
    expect((await loadDataSet(file)).name).toBe('emnist-digits');
    expect((await refusal(join(folder, 'emnist-none'))).code).toBe('data-not-found');
  });

  it('with the labels of QMNIST, whose other columns are left out', async () => {
    const folder = await below('.', { rename: prefixed('qmnist') });
    for (const [half, count] of [['train', 20] as const, ['test', 10] as const]) {
      await rm(join(folder, `qmnist-${half}-labels-idx1-ubyte`));
      const file = join(folder, `qmnist-${half}-labels-idx2-int`);
      await writeFile(
        file,
        integers(count, 8, (row, column) => (column === 0 ? row % 5 : 9999)),
      );
    }
    const { train, target } = await loadDataSet(folder);
    expect(target).toEqual({ classes: 5 });
    expect([...train.targets.subarray(0, 6)]).toEqual([0, 1, 2, 3, 4, 0]);
    const file = join(folder, 'qmnist-train-labels-idx2-int');
    await writeFile(
      file,
      integers(20, 8, (row) => row * 4000),
    );
    expect((await refusal(folder)).message).toContain('label 17 is 68000, expected 0 to 65535');
  });
});

describe('a folder without a data set is described', () => {
  it('that holds two of them', async () => {
    const folder = await below('FashionMNIST/raw', {}, await below('MNIST/raw'));
    const { message, remedy } = await refusal(folder);
    expect(message).toContain('holds 2 data sets: FashionMNIST/raw, MNIST/raw');
    expect(remedy).toContain(join(folder, 'FashionMNIST/raw'));
  });

  it.each([
    [[], 'is empty', 'idx files'],
    [['a.csv', 'b.csv'], 'holds a.csv, b.csv', 'Tables'],
    [['test.parquet', 'train.parquet'], 'holds test.parquet, train.parquet', 'Tables'],
    [['archive.zip'], 'holds archive.zip', 'Unpack'],
    [
      ['1.png', '2.png', '3.png', '4.png', '5.png', '6.png'],
      '5.png and 1 more',
      'Put the pictures of each class',
    ],
    [['notes.md'], 'holds notes.md, expected', 'idx files'],
  ])('that holds %j', async (names, message, remedy) => {
    const folder = await newFolder();
    for (const name of names) await writeFile(join(folder, name), 'x');
    const error = await refusal(folder);
    expect(error).toMatchObject({ code: 'data-not-found' });
    expect(error.message).toContain(message);
    expect(error.remedy).toContain(remedy);
  });

  it('a link to nowhere is a file that is missing', async () => {
    const folder = await below('.');
    await rm(join(folder, 't10k-labels-idx1-ubyte'));
    await symlink(join(folder, 'gone'), join(folder, 't10k-labels-idx1-ubyte'));
    expect((await refusal(folder)).message).toBe(`${folder} lacks t10k-labels-idx1-ubyte[.gz]`);
  });

  it.each([
    ['data.pdf', '%PDF-1.7\n', 'is a PDF document, expected a folder', 'idx files'],
    ['data.zip', 'PK\x03\x04\x14\0\0\0\0\0', 'is a ZIP archive', 'Unpack it'],
  ])('a file: %s', async (name, content, message, remedy) => {
    const path = join(await newFolder(), name);
    await writeFile(path, content.padEnd(60, '\0'.repeat(content.startsWith('PK') ? 1 : 0) || ' '));
    const error = await refusal(path);
    expect(error.message).toContain(message);
    expect(error.remedy).toContain(remedy);
  });
});

describe('a file that is something else is described in words', () => {
  const page = '<!doctype html><html><head><title>Sign in</title></head></html>';
  it.each<[string, Uint8Array, string, string]>([
    ['a page', Buffer.from(page), 'it is an HTML page; it begins with 0x3c21646f', 'page was'],
    ['a gzipped page', gzipSync(page), 'what is inside is an HTML page', 'page was'],
    ['JSON', Buffer.from('{"message":"rate limit"}'), 'it is JSON text', 'page was'],
    ['a CSV', Buffer.from('1,2,3\n'), 'it is a CSV table', 'idx format'],
  ])('%s', async (_, bytes, message, remedy) => {
    const folder = await writeSet(await newFolder(), {
      ...smallSet(),
      'train-images-idx3-ubyte': bytes,
    });
    const error = await refusal(folder);
    expect(error.code).toBe('data-damaged');
    expect(error.message).toContain(message);
    expect(error.remedy).toContain(remedy);
  });
});

describe('dataTraits', () => {
  it('knows the background and the labels that are not used', async () => {
    expect(dataTraits(await loadDataSet('mnist'))).toEqual({
      background: 'dark',
      unusedLabels: [],
    });
    const traitsOf = async (change: Record<string, Uint8Array>) =>
      dataTraits(
        await loadDataSet(await writeSet(await newFolder(), { ...smallSet(), ...change })),
      );
    const light = idx([20, 4, 3], new Uint8Array(240).fill(250));
    expect(await traitsOf({ 'train-images-idx3-ubyte': light })).toMatchObject({
      background: 'light',
    });
    const mixed = idx([20, 4, 3], pattern(240).fill(255, 0, 120).fill(0, 120));
    expect(await traitsOf({ 'train-images-idx3-ubyte': mixed })).not.toHaveProperty('background');
    const fromOne = idx(
      [20],
      pattern(20, 4).map((label) => label + 1),
    );
    expect(
      await traitsOf({
        'train-labels-idx1-ubyte': fromOne,
        't10k-labels-idx1-ubyte': idx([10], new Uint8Array(10).fill(1)),
      }),
    ).toMatchObject({ unusedLabels: [0] });
  });
});

/** An idx file of 32-bit integers. */
function integers(
  rows: number,
  columns: number,
  at: (row: number, column: number) => number,
): Buffer {
  const bytes = Buffer.alloc(12 + 4 * rows * columns);
  [0x0c02, rows, columns].forEach((word, place) => bytes.writeUInt32BE(word, 4 * place));
  for (let i = 0; i < rows * columns; i++) {
    bytes.writeInt32BE(at(Math.floor(i / columns), i % columns), 12 + 4 * i);
  }
  return bytes;
}
