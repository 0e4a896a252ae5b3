import { defaultRecipe, type RunSpec } from '@lockstep/core';
import { dataSpec, loadDataSet, type DataSet } from '@lockstep/data';
import { parametersFor, type Network } from '@lockstep/model';
import { optimizers, optimizerSpec, schedules } from '@lockstep/optim';
import { loadTensorFlow } from '@lockstep/runtime/tensorflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { networkOf, trained } from '../spec-training.js';

const STEPS = 4;
/** Where the default would have no effect in so few steps. */
const settings: Readonly<Record<string, object>> = {
  'cosine-restarts': { restartEvery: 2 },
  step: { decayEvery: 2 },
};
const MODEL = `import { defineModel, dense, flatten } from 'lockstep';
export default defineModel({ name: 'tiny', layers: [flatten(), dense({ units: 'classes' })] });`;

let data: DataSet;
let network: Network;

beforeAll(async () => {
  await loadTensorFlow({ threads: 1 });
  data = await loadDataSet('mnist');
  network = await networkOf(MODEL, data);
});

function specWith(optimizer: string, schedule: string): RunSpec {
  const sizes = { batch: 12, shardSize: 4 };
  const given = { warmupSteps: 1, ...settings[schedule] };
  const choice = { optimizer, schedule, given, steps: STEPS };
  return {
    ...{ formatVersion: 2, data: dataSpec(data), ...sizes, steps: STEPS, keepProb: 1, seed: 3 },
    model: {
      ...{ name: 'tiny', parameters: parametersFor(network, sizes) },
      ...{ loss: { kind: 'cross-entropy' }, metrics: ['accuracy'] },
    },
    optimizer: optimizerSpec(choice, defaultRecipe.optimizer),
    // Both on, so that their parts of the state are in every row of the table.
    ...{ clipNorm: 1, ema: 0.9 },
    ...{ threads: 1, numerics: 'strict', device: 'cpu', wire: 'f32' },
  };
}

/** The state's hash after the last step. */
async function stateAfter(spec: RunSpec, count: number, resumedAt?: number): Promise<string> {
  const worker = await trained({ spec, network, data }, count, resumedAt);
  return worker.hash().stateSha256;
}

const names = (entries: readonly { readonly name: string }[]): string[] =>
  entries.map(({ name }) => name);

describe.each(names(optimizers.entries))('optimizer %s', (optimizer) => {
  it.each(names(schedules.entries))(
    'gives one state with schedule %s, for 1, 2 and 3 workers and after a resume',
    async (schedule) => {
      const spec = specWith(optimizer, schedule);
      const alone = await stateAfter(spec, 1);
      expect(await stateAfter(spec, 2)).toBe(alone);
      expect(await stateAfter(spec, 3, 2)).toBe(alone);
    },
  );
});

describe('every optimizer and schedule', () => {
  it('gives a state of its own', async () => {
    const states = new Set<string>();
    for (const optimizer of names(optimizers.entries))
      states.add(await stateAfter(specWith(optimizer, 'linear'), 1));
    for (const schedule of names(schedules.entries))
      states.add(await stateAfter(specWith('adam', schedule), 1));
    // Adam with the linear schedule is in both rows.
    expect(states.size).toBe(optimizers.entries.length + schedules.entries.length - 1);
  });
});
