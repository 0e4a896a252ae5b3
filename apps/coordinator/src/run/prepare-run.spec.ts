import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultRecipe } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { expect, it, onTestFinished } from 'vitest';
import { planRun } from './prepare-run.js';

/** A module of eight training samples. */
const MODULE = `
const read = (from, to) => ({ inputs: new Float32Array(to - from), targets: new Float32Array(to - from) });
const part = { count: 8, read };
export default { inputShape: [1], target: { values: 1 }, train: part, test: part };
`;

it('the plan of a run refuses a batch that is larger than the training set', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-plan-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const data = join(folder, 'data.mjs');
  writeFileSync(data, MODULE);
  const { steps, optimizer, ...recipe } = defaultRecipe;
  const request = {
    ...{ ...recipe, batch: 9, model: 'softmax', data, plan: () => ({ steps, optimizer }) },
    ...({ seed: 1, threads: 1, numerics: 'strict', device: 'cpu', wire: 'f32' } as const),
    loss: { given: {} },
    dataSettings: {},
  };
  const engine = new Promise<Engine>(() => undefined);
  await expect(planRun(engine, request, folder)).rejects.toMatchObject({
    code: 'bad-option',
    message: '--batch 9 is more than the 8 training samples of data',
  });
});
