import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from './model.js';
import { loadDefinition } from './load-definition.js';
import { chainModel } from './load-model.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

const loadModel = async (
  name: string,
  inputShape: readonly number[],
  classCount: number,
): Promise<Model> =>
  chainModel(await loadDefinition(name), { inputShape, target: { classes: classCount } });

async function modelFile(name: string, source: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, source);
  return file;
}

describe('loadModel', () => {
  it('knows mnist-cnn, whose last layer follows the data', async () => {
    const model = await loadModel('mnist-cnn', [28, 28, 1], 26);
    expect(model.parameters.at(-1)).toMatchObject({ name: 'fc2/biases', shape: [26] });
    expect(model.sourceSha256).toBeUndefined();
  });

  it.each([
    ['softmax', 7850],
    ['mlp', 669_706],
    ['lenet5', 61_706],
    ['resnet-small', 303_642],
  ])('builds %s with %d parameters', async (name, count) => {
    const { summary } = await loadModel(name, [28, 28, 1], 10);
    expect(summary.reduce((sum, { parameterCount }) => sum + parameterCount, 0)).toBe(count);
  });

  it.each([
    ['lenet-5', '; did you mean lenet5?'],
    ['MNIST_CNN', '; did you mean mnist-cnn?'],
    ['vision-transformer', 'vision-transformer'],
  ])('suggests a name for %s', async (name, message) => {
    const loading = loadModel(name, [28, 28, 1], 10);
    const ends = expect.stringMatching(new RegExp(`${message.replace('?', '\\?')}$`)) as string;
    await expect(loading).rejects.toMatchObject({ code: 'model-not-found', message: ends });
  });

  it("opens a user's file and records its hash", async () => {
    const source = `export default { name: 'mine', layers: [
      { kind: 'flatten' }, { kind: 'dense', units: 'classes' },
    ] };`;
    const model = await loadModel(await modelFile('mine.mjs', source), [4, 4, 1], 3);
    expect(model.name).toBe('mine');
    expect(model.parameters.map(({ name }) => name)).toEqual(['fc1/weights', 'fc1/biases']);
    expect(model.sourceSha256).toBe(createHash('sha256').update(source).digest('hex'));
  });

  it.each([
    ['no-default.mjs', 'export const model = 1;', 'has no default export'],
    ['net.onnx', 'x', 'has the extension .onnx, expected one of .ts'],
    [
      'shape.mjs',
      'export default { name: "x", layers: [{ kind: "flatten" }] };',
      'its output is [16]',
    ],
    ['null.mjs', 'export default null;', 'null.mjs'],
  ])('refuses %s as model-invalid', async (name, source, message) => {
    const loading = loadModel(await modelFile(name, source), [4, 4, 1], 3);
    await expect(loading).rejects.toMatchObject({
      name: 'LockstepError',
      code: 'model-invalid',
      message: expect.stringContaining(message) as string,
    });
  });

  const body = `({ name: 'small', layers: [flatten(), dense({ units: 'classes' })] })`;
  it.each([
    [
      'a.ts',
      `import { defineModel, dense, flatten, type ModelDefinition } from 'lockstep';
      const small: ModelDefinition = ${body};
      export default defineModel(small);`,
    ],
    [
      'a.mts',
      `import { dense, flatten } from '@lockstep/model'; enum K { A } export default ${body};`,
    ],
    [
      'two words/a.cjs',
      `const { dense, flatten } = require('lockstep'); exports.default = ${body};`,
    ],
  ])('opens %s, whatever kind of module it is, from any folder', async (name, source) => {
    const file = await modelFile(name, source);
    for (const path of [file, relative('.', file), pathToFileURL(file).href]) {
      const { parameters, initialisation } = await loadModel(path, [4, 4, 1], 3);
      expect(parameters.map((parameter) => parameter.shape)).toEqual([[16, 3], [3]]);
      expect(initialisation).toBe('he');
    }
  });

  it('tells definitions apart that come from one source', async () => {
    const source = `import { units } from './units.mjs';
      export default { name: 'x', layers: [{ kind: 'flatten' }, { kind: 'dense', units }, { kind: 'dense', units: 'classes' }] };`;
    const [one, other] = await Promise.all(
      [3, 4].map(async (units) => {
        await modelFile(`of${units}/units.mjs`, `export const units = ${units};`);
        return loadModel(await modelFile(`of${units}/net.mjs`, source), [4, 4, 1], 3);
      }),
    );
    expect(one?.sourceSha256).toBe(other?.sourceSha256);
    expect(one?.definitionSha256).not.toBe(other?.definitionSha256);
  });

  it('a folder is not a model', async () => {
    await expect(loadModel(folder, [4, 4, 1], 3)).rejects.toMatchObject({
      code: 'model-not-found',
      message: `${folder} is a folder, not a model file`,
    });
  });

  it.each(['nothing-here', './no/such/file.mjs', 'constructor'])(
    'does not find %s',
    async (name) => {
      await expect(loadModel(name, [28, 28, 1], 10)).rejects.toMatchObject({
        code: 'model-not-found',
      });
    },
  );
});
