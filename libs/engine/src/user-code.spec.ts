import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSpec } from '@lockstep/core';
import { describe, expect, it, onTestFinished } from 'vitest';
// The built one: a thread starts from a file that Node can run.
import { startEngine, type Engine } from '../dist/index.js';

const data: DataSpec = {
  ...{ name: 'none', sha256: '', trainCount: 8, testCount: 8 },
  ...{ inputShape: [4, 4, 1], target: { classes: 2 } },
};
const SOUND = "export default { name: 'm', layers: [] };";

/** An engine, and the path of a model's file that holds `source`. */
async function withModel(source: string): Promise<{ engine: Engine; model: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-user-code-'));
  const model = join(folder, 'model of mine.mjs');
  await writeFile(model, source);
  const engine = await startEngine({ threads: 1, backend: 'wasm', modelLimitMs: 2_000 });
  onTestFinished(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });
  return { engine, model };
}

function describeModel(engine: Engine, model: string): Promise<unknown> {
  return engine.run('describeModel', { model, data, batch: 2, shardSize: 2 });
}

describe('a model file that is no definition alone is named', () => {
  it.each([
    ['ends the process', 'process.exit(0);', /calls process\.exit\(0\)/],
    ['throws', "throw new Error('not today');", /cannot be loaded: not today/],
    ['never ends', 'for (;;);', /has not been loaded after 2 s/],
    ['waits for ever', 'await new Promise(() => {});', /has not been loaded after 2 s/],
  ])('when it %s', async (_what, source, message) => {
    const { engine, model } = await withModel(`${source}\n${SOUND}`);
    const failure = describeModel(engine, model);
    await expect(failure).rejects.toMatchObject({ code: 'model-invalid' });
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow('model of mine.mjs');
  });

  it.each([
    ['ends the process', 'setTimeout(() => process.exit(3));'],
    ['throws', "setTimeout(() => { throw new Error('later'); });"],
    ['leaves a promise rejected', "Promise.reject(new Error('unhandled'));"],
  ])('when it %s later', async (_what, source) => {
    const { engine, model } = await withModel(`${source}\n${SOUND}`);
    await describeModel(engine, model).catch(() => undefined);
    const failure = (async () => {
      for (;;) await engine.run('memory', undefined);
    })();
    await expect(failure).rejects.toMatchObject({ code: 'model-invalid' });
    await expect(failure).rejects.toThrow('model of mine.mjs');
    await expect(engine.run('memory', undefined)).rejects.toMatchObject({ code: 'model-invalid' });
  });
});
