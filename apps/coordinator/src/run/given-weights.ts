import { localPath, type BufferSpec } from '@lockstep/core';
import type { GivenWeight, GivenWeights } from '@lockstep/engine';
import { AVERAGE_SLOT, stateLayout, stateValues } from '@lockstep/optim';
import { openRunFolder, type RunFolder } from '@lockstep/store';
import { modelCheckpoint } from './model-checkpoint.js';

/**
 * The weights that `--init-from` names: those of a saved model, or those of a run's last version, or of its
 * best one where the run keeps that. Of a run with a moving average, the average.
 *
 * @param out the folder of the runs
 * @throws LockstepError `run-not-found`, or `run-damaged` where the run has no sound checkpoint
 */
export async function givenWeights(out: string, initFrom: string): Promise<GivenWeights> {
  if (initFrom.endsWith('.json')) return { file: localPath(initFrom) };
  return weightsOf(await openRunFolder(out, initFrom));
}

async function weightsOf(folder: RunFolder): Promise<GivenWeights> {
  const { spec } = folder.record;
  const { state } = await modelCheckpoint(folder);
  const layout = stateLayout(spec);
  const { weights, buffers, slots } = stateValues(layout, state);
  const named = (arrays: readonly Float32Array[], specs: readonly BufferSpec[]): GivenWeight[] =>
    arrays.map((values, i) => ({ name: specs[i].name, shape: specs[i].shape, values }));
  return {
    weights: [
      ...named(slots[AVERAGE_SLOT] ?? weights, layout.parameters),
      ...named(buffers, layout.buffers ?? []),
    ],
  };
}
