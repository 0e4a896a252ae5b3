import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { smallSet, writeSet } from '../../spec-files.js';
import { idxReader } from './idx-reader.js';
import { chooseReader, dataReaders, sourceOf } from './registry.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-readers-'));
  await writeSet(folder, smallSet());
});
afterAll(() => rm(folder, { recursive: true }));

it('chooses the reader that recognises a path', async () => {
  const file = join(folder, 'train-images-idx3-ubyte');
  expect(await idxReader.recognises(folder)).toBe(true);
  expect(await idxReader.recognises(file)).toBe(true);
  expect((await sourceOf(await chooseReader(folder, {})).read(folder)).train.count).toBe(20);
});

it('leaves it to the idx reader to say what is missing', async () => {
  const other = await mkdtemp(join(folder, 'other-'));
  await writeFile(join(other, 'notes.txt'), 'none');
  expect(await idxReader.recognises(other)).toBe(false);
  await expect(sourceOf(await chooseReader(other, {})).read(other)).rejects.toMatchObject({
    code: 'data-not-found',
  });
});

it('refuses a setting that the reader of a path does not have', async () => {
  await expect(chooseReader(folder, { sorting: 'up' })).rejects.toMatchObject({
    code: 'bad-option',
    message: '--sorting is not a setting of data reader idx',
  });
});

it('gives each reader defaults for all its settings', () => {
  for (const { schema } of dataReaders.entries) expect(schema.safeParse({}).success).toBe(true);
});
