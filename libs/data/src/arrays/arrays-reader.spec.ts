import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npy, npz, smallArrays, type WrittenArray } from '../../spec-arrays.js';
import { dataSpec, type DataSet } from '../data-set.js';
import { loadDataSet } from '../load-data-set.js';
import { arraysReader } from './arrays-reader.js';
import type { ArraySettings } from './array-settings.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockstep-arrays-'));
});
afterAll(() => rm(root, { recursive: true }));

let written = 0;
async function file(bytes: Uint8Array, name = `${++written}.npz`): Promise<string> {
  await writeFile(join(root, name), bytes);
  return join(root, name);
}

type Arrays = Record<string, WrittenArray>;
const encoded = (arrays: Arrays): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, npy(array)]));

async function readArrays(arrays: Arrays, settings: ArraySettings = {}): Promise<DataSet> {
  return arraysReader.make(settings).read(await file(npz(encoded(arrays))));
}

async function refusal(reading: Promise<unknown>): Promise<LockstepError> {
  const error: unknown = await reading.catch((thrown: unknown) => thrown);
  if (error instanceof LockstepError) return error;
  throw new Error(`not refused: ${String(error)}`);
}

const renamed = (names: Record<string, string>): Arrays =>
  Object.fromEntries(
    Object.entries(smallArrays()).map(([name, array]) => [names[name] ?? name, array]),
  );

/** `numpy.savez_compressed` 2.4: big-endian int16 in column-major order, int64, float64 and uint8. */
const FROM_NUMPY =
  'UEsDBC0AAAAIAAAAIQDYyiCq//////////8LABQAeF90cmFpbi5ucHkBABAAsAAAAAAAAAB4AAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6XaaSuo6Cell9UUpSYF59flJIKEg8pKk0FChdnJBakArkaJjoKxjoKRpo6CrUKZAIuBgYGNgYeBiEGJgYOBj4GEQYWBi4GAQYxBkYGdgZeBmEGZgZOBn4GUQZWBm4GQQZxAFBLAwQtAAAACAAAACEALdt8nf//////////CwAUAHlfdHJhaW4ubnB5AQAQAKAAAAAAAAAATAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RomOpo6CrUKFAAuRgYIYILS6HwAUEsDBC0AAAAIAAAAIQC+wwUk//////////8KABQAeF90ZXN0Lm5weQEAEACwAAAAAAAAAFoAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkahjoKxjoKRpo6CrUK5AEuBhTwwR7KcIBQHFBaAEqLOAAAUEsDBC0AAAAIAAAAIQCgN4sp//////////8KABQAeV90ZXN0Lm5weQEAEACBAAAAAAAAAEcAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXlNqqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkahjoKhpo6CrUKZAMuJgBQSwECLQMtAAAACAAAACEA2MogqngAAACwAAAACwAAAAAAAAAAAAAAgAEAAAAAeF90cmFpbi5ucHlQSwECLQMtAAAACAAAACEALdt8nUwAAACgAAAACwAAAAAAAAAAAAAAgAG1AAAAeV90cmFpbi5ucHlQSwECLQMtAAAACAAAACEAvsMFJFoAAACwAAAACgAAAAAAAAAAAAAAgAE+AQAAeF90ZXN0Lm5weVBLAQItAy0AAAAIAAAAIQCgN4spRwAAAIEAAAAKAAAAAAAAAAAAAACAAdQBAAB5X3Rlc3QubnB5UEsFBgAAAAAEAAQA4gAAAFcCAAAAAA==';

describe('the arrays reader', () => {
  it('reads a file of NumPy itself', async () => {
    const data = await loadDataSet(await file(Buffer.from(FROM_NUMPY, 'base64'), 'numpy.npz'));
    expect(data).toMatchObject({ name: 'numpy', inputShape: [3, 2], target: { classes: 2 } });
    expect([...data.train.inputs]).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect([...data.test.inputs]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...data.train.targets, ...data.test.targets]).toEqual([0, 1, 0, 1, 1]);
    expect(data.classNames).toEqual(['1', '2']);
  });

  it('reads pictures, and has one hash for all ways to store them', async () => {
    const arrays = smallArrays();
    const expected = await readArrays(arrays);
    expect(dataSpec(expected)).toMatchObject({
      ...{ trainCount: 20, testCount: 10, inputShape: [4, 3, 1], target: { classes: 5 } },
    });
    expect(expected.train.inputs).toBeInstanceOf(Uint8Array);
    const folder = await mkdtemp(join(root, 'npy-'));
    for (const [name, bytes] of Object.entries(encoded(arrays))) {
      await writeFile(join(folder, `${name}.npy`), bytes);
    }
    const oneHot = arrays.y_train.values.flatMap((label) =>
      [0, 1, 2, 3, 4].map((n) => +(n === label)),
    );
    const others = [
      readArrays(renamed({ x_train: 'train_images', y_train: 'labels-train', x_test: 'testX' })),
      readArrays({ ...arrays, x_train: { ...arrays.x_train, shape: [20, 4, 3, 1] } }),
      readArrays({
        ...arrays,
        y_train: { descr: '|u1', shape: [20, 1], values: arrays.y_train.values },
      }),
      readArrays({
        ...arrays,
        y_train: { descr: '<f4', shape: [20, 5], values: oneHot },
        y_test: { descr: '<f4', shape: [10, 5], values: oneHot.slice(0, 50) },
      }),
      loadDataSet(await file(npz(encoded(arrays), 6))),
      loadDataSet(folder),
      loadDataSet(join(folder, 'x_test.npy')),
    ];
    const { name: _name, notes: _notes, ...content } = expected;
    for (const each of await Promise.all(others)) {
      const { inputShape, target, train, test, sha256 } = each;
      expect({ inputShape, target, train, test, sha256 }).toEqual(content);
    }
    await rm(join(folder, 'y_test.npy'));
    expect((await refusal(loadDataSet(folder))).message).toContain('no array for the others');
  });

  it('keeps numbers as they are, and takes floats as the values of a regression', async () => {
    const data = await readArrays(
      {
        ...{ X: { descr: '<f8', shape: [5, 2], values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] } },
        ...{ y: { descr: '<f4', shape: [5], values: [0.5, 1.5, 2.5, 3.5, 4.5] } },
      },
      { testSplit: 0.4 },
    );
    expect(data).toMatchObject({ inputShape: [2], target: { values: 1 } });
    expect([data.train.count, data.test.count]).toEqual([3, 2]);
    for (const { inputs, targets } of [data.train, data.test]) {
      expect([...targets]).toEqual(
        [...inputs].filter((_, i) => i % 2 === 0).map((x) => x / 2 + 0.5),
      );
    }
  });

  it('names arrays by settings, and transposes channels that come first', async () => {
    const values = Array.from({ length: 2 * 3 * 2 * 2 }, (_, i) => i);
    const arrays = {
      ...{ a: { descr: '|u1', shape: [2, 3, 2, 2], values } },
      ...{ b: { descr: '<i4', shape: [2], values: [-1, 1] } },
    };
    const names = { inputs: 'a, a', targets: 'b,b' };
    const { message, remedy } = await refusal(readArrays(arrays, names));
    expect(message).toContain('its shape [2, 3, 2, 2] looks like [n, channels, height, width]');
    expect(remedy).toContain('--channels first');
    const data = await readArrays(arrays, { ...names, channels: 'first' });
    expect(data).toMatchObject({ inputShape: [2, 2, 3], classNames: ['-1', '1'] });
    expect([...data.train.inputs.subarray(0, 6)]).toEqual([0, 4, 8, 1, 5, 9]);
    expect(data.notes).toEqual(['inputs: a, uint8 [2, 3, 2, 2]; targets: b, int32 [2]']);
    expect((await readArrays(arrays, { ...names, channels: 'last' })).inputShape).toEqual([
      3, 2, 2,
    ]);
  });

  it('reads the test half alone, and refuses that of another run', async () => {
    const path = await file(npz(encoded(smallArrays())));
    const source = arraysReader.make({});
    const data = await source.read(path);
    expect(await source.readTestSplit(path, dataSpec(data))).toEqual(data.test);
    const other = source.readTestSplit(path, { ...dataSpec(data), testCount: 11 });
    expect((await refusal(other)).code).toBe('data-invalid');
  });
});

describe('the arrays reader refuses', () => {
  const small = smallArrays();
  const changed = (name: string, change: Partial<WrittenArray>): Arrays => ({
    ...small,
    [name]: { ...small[name], ...change },
  });
  const floats = (count: number, at: number, value: number): Partial<WrittenArray> => ({
    descr: '<f4',
    values: Array.from({ length: count * 12 }, (_, i) => (i === at ? value : 1)),
  });

  it.each<[string, Arrays, ArraySettings, string]>([
    ['no usual names', renamed({ x_train: 'a' }), {}, 'no array has a usual name of inputs'],
    [
      'a name that is not there',
      small,
      { inputs: 'X' },
      'it has no array X; it holds x_test, x_train',
    ],
    ['two arrays of one role', { ...small, train_images: small.x_train }, {}, 'may both be'],
    [
      'a test set that would be divided',
      small,
      { testSplit: 0.5 },
      'a test set of its own (x_test)',
    ],
    ['NaN', changed('x_train', floats(20, 12 * 7 + 5, NaN)), {}, 'the value at [7, 1, 2] is NaN'],
    [
      'numbers beyond float32',
      changed('x_train', { ...floats(20, 0, 1e300), descr: '<f8' }),
      {},
      'Infinity',
    ],
    [
      'halves of two types',
      changed('x_test', floats(10, 0, 1)),
      {},
      'numbers [4, 3], those of the',
    ],
    [
      'halves of two shapes',
      changed('x_test', { shape: [10, 3, 4] }),
      {},
      'bytes [3, 4, 1], those of',
    ],
    [
      'too few targets',
      changed('y_train', { shape: [19], values: small.y_train.values.slice(1) }),
      {},
      '19 targets, but x_train has 20',
    ],
    [
      'a single class',
      changed('y_train', { values: small.y_train.values.map(() => 3) }),
      {},
      'all its labels are 3',
    ],
    [
      'a single class in one-hot vectors',
      {
        ...changed('y_train', {
          shape: [20, 2],
          values: Array.from({ length: 40 }, (_, i) => i % 2),
        }),
        y_test: { descr: '|u1', shape: [1, 2], values: [1, 0] },
      },
      {},
      'their 1 in column 1',
    ],
    [
      'an unknown test label',
      changed('y_test', { values: [0, 1, 2, 9, 0, 0, 0, 0, 0, 0] }),
      {},
      'label 3 is 9',
    ],
    [
      'floats and labels',
      changed('y_test', { descr: '<f4' }),
      {},
      'float32 [10] (values), those of',
    ],
    ['counts in rows', changed('y_train', { shape: [10, 2] }), {}, 'its rows are not one-hot'],
    ['channels first of no picture', small, { channels: 'first' }, 'expected [n, channels, height'],
  ])('%s', async (_, arrays, settings, message) => {
    const error = await refusal(readArrays(arrays, settings));
    expect(error.message).toContain(message);
    expect(error.remedy).toMatch(/\.$/);
  });

  it.each<[string, Uint8Array, string]>([
    ['a page', Buffer.from('<html>sign in</html>'), 'it is an HTML page, expected a .npz file'],
    ['half a file', npz(encoded(small)).subarray(0, 900), 'its ZIP archive cannot be opened'],
    ['an archive without arrays', npz({}), 'it holds no arrays'],
    [
      'an array of the wrong checksum',
      npz(encoded(small)).map((byte, at) => (at === 300 ? byte ^ 1 : byte)),
      'its checksum (CRC-32) is wrong',
    ],
  ])('%s', async (_, bytes, message) => {
    expect((await refusal(loadDataSet(await file(bytes)))).message).toContain(message);
  });

  it('a bomb, before memory is allocated', async () => {
    const bomb = Buffer.from(npz({ x: new Uint8Array(5_000_000), y: npy(small.y_train) }, 6));
    const entry = bomb.indexOf('PK\x01\x02', 0, 'latin1');
    expect((await refusal(loadDataSet(await file(bomb)))).message).toContain(
      'expected a NumPy array',
    );
    bomb.writeUInt32LE(0x7fff_ffff, entry + 24);
    expect((await refusal(loadDataSet(await file(bomb)))).message).toContain('cannot hold');
  });

  it('a folder of several archives, and a path that is not there', async () => {
    const folder = join(root, 'several');
    await mkdir(folder);
    for (const name of ['b.npz', 'a.npz']) await writeFile(join(folder, name), npz(encoded(small)));
    expect(await refusal(loadDataSet(folder))).toMatchObject({
      message: `${folder} holds 2 .npz files: a.npz, b.npz`,
      remedy: `Name one of them: --data ${join(folder, 'a.npz')}`,
    });
    await rm(join(folder, 'b.npz'));
    expect((await loadDataSet(folder)).name).toBe('several');
    expect((await refusal(loadDataSet(join(root, 'none.npz')))).code).toBe('data-not-found');
  });

  it('whatever a file holds, by name, or reads it', async () => {
    const path = join(root, 'mutated.npz');
    const sound = [npz(encoded(small)), npz(encoded(small), 6), Buffer.from(FROM_NUMPY, 'base64')];
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const mutated = fc
      .tuple(fc.constantFrom(...sound), fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(9))
      .map(([bytes, changes, cut]) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return cut === 0 ? copy.subarray(0, changes[0][0] % copy.length) : copy;
      });
    await fc.assert(
      fc.asyncProperty(mutated, async (bytes) => {
        await writeFile(path, bytes);
        const found = await loadDataSet(path).catch((error: unknown) => error);
        if (found instanceof LockstepError) expect(found.message).toContain(path);
        else expect(found).toMatchObject({ sha256: expect.any(String) as string });
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
