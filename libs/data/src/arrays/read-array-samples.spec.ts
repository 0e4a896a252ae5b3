import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { npy, type WrittenArray } from '../../spec-arrays.js';
import { isArrayFile, readArraySamples } from './read-array-samples.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-samples-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(array: WrittenArray): Promise<string> {
  const path = join(folder, 'samples');
  await writeFile(path, npy(array));
  return path;
}

it('reads pixels as parts of 255, other values as they are', async () => {
  const pixels = await file({ descr: '|u1', shape: [2, 1, 2], values: [0, 255, 51, 102] });
  expect(await isArrayFile(pixels)).toBe(true);
  expect(await readArraySamples(pixels, [1, 2, 1], undefined)).toEqual([
    Float32Array.of(0, 1),
    Float32Array.of(0.2, 0.4),
  ]);
  const numbers = await file({ descr: '<f8', shape: [2, 2], values: [7, -1, 0.5, 300] });
  expect(await readArraySamples(numbers, [2], undefined)).toEqual([
    Float32Array.of(7, -1),
    Float32Array.of(0.5, 300),
  ]);
});

it('transposes channels where the run did', async () => {
  const path = await file({ descr: '<f4', shape: [1, 3, 1, 2], values: [1, 2, 3, 4, 5, 6] });
  const [sample] = await readArraySamples(path, [1, 2, 3], 'first');
  expect(sample).toEqual(Float32Array.of(1, 3, 5, 2, 4, 6));
});

it('refuses samples of another shape, and other files', async () => {
  const path = await file({ descr: '<f4', shape: [2, 3], values: [1, 2, 3, 4, 5, 6] });
  await expect(readArraySamples(path, [2], undefined)).rejects.toMatchObject({
    code: 'data-invalid',
    message: expect.stringContaining('its samples are [3], those of the run [2]') as string,
  });
  await writeFile(path, 'text');
  expect(await isArrayFile(path)).toBe(false);
  expect(await isArrayFile(folder)).toBe(false);
});
