import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultRecipe } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { planRun } from './prepare-run.js';

/** A module whose samples are one number each, with this target. */
const moduleOf = (target: string): string => `
const read = (from, to) => ({ inputs: new Float32Array(to - from), targets: new Float32Array(to - from) });
const part = { count: 8, read };
export default { inputShape: [1], target: ${target}, train: part, test: part };
`;

describe('the plan of a run', () => {
  it.each([
    ['{ values: 1 }', 'the target of a regression'],
    ['{ classes: 300 }', '300 classes'],
  ])('refuses data with the target %s', async (target, found) => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-plan-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const data = join(folder, 'data.mjs');
    writeFileSync(data, moduleOf(target));
    const { steps, optimizer, ...recipe } = defaultRecipe;
    const request = {
      ...{ ...recipe, batch: 4, model: 'softmax', data, plan: () => ({ steps, optimizer }) },
      ...({ seed: 1, threads: 1, numerics: 'strict', device: 'cpu', wire: 'f32' } as const),
    };
    const engine = new Promise<Engine>(() => undefined);
    await expect(planRun(engine, request)).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringContaining(found) as string,
    });
  });
});
