import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from './load-model.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function modelFile(name: string, source: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, source);
  return file;
}

describe('loadModel', () => {
  it('knows mnist-cnn, whose last layer follows the data', async () => {
    const model = await loadModel('mnist-cnn', [28, 28, 1], 26);
    expect(model.parameters.at(-1)).toMatchObject({ name: 'fc2/biases', shape: [26] });
    expect(model.sourceSha256).toBeUndefined();
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
    ['syntax.mjs', 'export default {', 'cannot be loaded'],
    ['throws.mjs', 'throw new Error("out of luck");', 'out of luck'],
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

  it.each(['nothing-here', './no/such/file.mjs', 'constructor'])(
    'does not find %s',
    async (name) => {
      await expect(loadModel(name, [28, 28, 1], 10)).rejects.toMatchObject({
        code: 'model-not-found',
      });
    },
  );
});
