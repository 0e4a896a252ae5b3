import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// The built one: a thread starts from a file that Node can run.
import { dataSpec, dataTraits, loadDataSet, loadTestSplit } from '../../dist/index.js';
import { readInThread } from '../../dist/module/read-in-thread.js';
import { readModule } from './read-module.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-data-module-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function moduleFile(name: string, source: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, source);
  return file;
}

const moduleWith = (name: string, source: string): Promise<string> =>
  moduleFile(`${name}.mjs`, `import { defineDataset } from '@lockstep/data';${source}`);

/** 1,500 + 3 rows of two numbers, and their sum; read in three ways. */
const rows = (read: string): string => `
const sample = (n) => [n, Math.fround(n / 7)];
const range = (from, to) => Array.from({ length: to - from }, (_, i) => sample(from + i));
const values = (from, to) => ({
  inputs: Float32Array.from(range(from, to).flat()),
  targets: Float64Array.from(range(from, to), ([a, b]) => a + b),
});
export default defineDataset({
  inputShape: [2],
  target: { values: 1 },
  train: { count: 1500, ${read} },
  test: { count: 3, read: async (from, to) => values(1500 + from, 1500 + to) },
});`;
const PLAIN = 'read: values';

describe('a data module', () => {
  it('gives values of any shape, with a hash over their little-endian form', async () => {
    const source = `import { defineDataset } from 'lockstep';${rows(PLAIN)}`;
    const file = await moduleFile('sums.mjs', source);
    const data = await loadDataSet(file);
    expect(dataSpec(data)).toMatchObject({
      ...{ name: 'sums', trainCount: 1500, testCount: 3, inputShape: [2], target: { values: 1 } },
    });
    expect(dataTraits(data)).toEqual({ unusedLabels: [] });
    expect([...data.train.inputs.subarray(2 * 1499)]).toEqual([1499, Math.fround(1499 / 7)]);
    expect([...data.test.targets]).toEqual(
      [1500, 1501, 1502].map((n) => Math.fround(n + Math.fround(n / 7))),
    );
    const hash = createHash('sha256').update(
      '{"counts":[1500,3],"inputShape":[2],"target":{"values":1},"types":["float32","float32"]}',
    );
    for (const { inputs, targets } of [data.train, data.test]) {
      for (const value of [...inputs]) hash.update(littleEndian(value));
      for (const value of [...targets]) hash.update(littleEndian(value));
    }
    expect(data.sha256).toBe(hash.digest('hex'));
    expect(await loadTestSplit(file, dataSpec(data))).toEqual(data.test);
  });

  it.each([
    [
      'typed.ts',
      `import { defineDataset, type DatasetDefinition } from 'lockstep'; const defined: DatasetDefinition = `,
    ],
    ['common.cjs', `const { defineDataset } = require('lockstep'); module.exports = `],
    ['plain.js', `import { defineDataset } from 'lockstep'; export default `],
  ])(
    'of the kind of %s keeps pictures as bytes, and numbers above 255 as classes',
    async (name, head) => {
      const definition = `defineDataset({ inputShape: [1, 2, 3], target: { classes: 65536 },
      train: { count: 2, first: 65535, read(from, to) {
        const inputs = Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 255, 1).subarray(6 * from, 6 * to);
        return { inputs, targets: Uint16Array.of(this.first, 256).subarray(from, to) };
      } },
      test: { count: 1, read: () => ({ inputs: new Uint8Array(6), targets: Int32Array.of(3) }) } });
      ${name === 'typed.ts' ? 'export default defined;' : ''}`;
      const { inputShape, train } = await loadDataSet(await moduleFile(name, head + definition));
      expect(inputShape).toEqual([1, 2, 3]);
      expect(train).toEqual({
        count: 2,
        inputs: Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 255, 1),
        targets: Int32Array.of(65_535, 256),
      });
    },
  );

  const ranged = 'read: (from, to) => ({ ...values(from, to),';
  it.each([
    [
      'lacks parts',
      'export default { inputShape: [2], train: 1 };',
      /target: .*; train: .*; test: /,
    ],
    ['has no default export', 'export const data = 1;', 'has no default export'],
    ['gives nothing', rows('read: () => undefined'), 'train.read(0, 1000): it gives undefined'],
    [
      'throws',
      rows('read() { throw new Error("no such table") }'),
      'train.read(0, 1000): no such table',
    ],
    [
      'gives lists',
      rows(`${ranged} inputs: [1, 2] })`),
      'inputs is of type Array, expected a typed array',
    ],
    [
      'gives too few inputs',
      rows(`${ranged} inputs: new Float32Array(7) })`),
      'inputs has 7 values, expected 2000',
    ],
    [
      'ignores the range',
      rows('read: () => values(0, 1000)'),
      'train.read(1000, 1500): inputs has 2000 values',
    ],
    [
      'gives NaN',
      rows(`${ranged} inputs: new Float32Array(2 * (to - from)).fill(NaN, 2 * 30 + 1) })`),
      'value 1 of the inputs of sample 30 is NaN',
    ],
    [
      'gives bytes that are no picture',
      rows(`${ranged} inputs: new Uint8Array(2 * (to - from)) })`),
      'a sample is [2]',
    ],
    [
      'gives a class too many',
      rows(PLAIN).replace('{ values: 1 }', '{ classes: 900 }'),
      'expected a whole number from 0 to 899',
    ],
    [
      'draws random numbers',
      rows(`${ranged} inputs: new Float32Array(2 * (to - from)).fill(Math.random()) })`),
      'two reads of sample 0 of train differ',
    ],
    [
      'depends on the range',
      rows(`${ranged} targets: values(from, to).targets.reverse() })`),
      'two reads of sample 0 of train differ',
    ],
    ['imports what is missing', 'import "./gone.js";', "Cannot find module './gone.js'"],
  ])('that %s is refused', async (name, source, message) => {
    const failure = readModule(await moduleWith(name, source), undefined, () => undefined);
    await expect(failure).rejects.toMatchObject({ name: 'LockstepError', code: 'data-invalid' });
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(folder);
  });

  it.each([
    ['ends the process', 'process.exit(0);', 'loading ended without a result'],
    [
      'waits for ever',
      rows('read: () => new Promise(() => {})'),
      'train.read(0, 1000) ended without a result',
    ],
    [
      'throws later',
      `setTimeout(() => { throw new Error('later'); }); await new Promise(() => {});`,
      'outside of any call: later',
    ],
  ])('that %s ends its thread alone', async (name, source, message) => {
    const failure = loadDataSet(await moduleWith(name, source));
    await expect(failure).rejects.toMatchObject({ name: 'LockstepError', code: 'data-invalid' });
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(folder);
  });

  it('that never ends is ended', async () => {
    const file = await moduleFile('endless.mjs', 'for (;;);');
    await expect(readInThread({ file }, { load: 2_000, read: 2_000 })).rejects.toThrow(
      'loading has not ended after 2 s',
    );
  });

  it('that is missing, or has another test set than the run, is refused', async () => {
    const missing = join(folder, 'none.ts');
    await expect(loadDataSet(missing)).rejects.toMatchObject({
      ...{ code: 'data-not-found', message: `there is no file ${missing}` },
    });
    const file = await moduleFile(
      'other.mjs',
      `import { defineDataset } from 'lockstep';${rows(PLAIN)}`,
    );
    const spec = { testCount: 4, inputShape: [2], target: { values: 1 } };
    await expect(loadTestSplit(file, spec)).rejects.toMatchObject({ code: 'data-invalid' });
  });
});

function littleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}
