import { writeFile } from 'node:fs/promises';
import { strToU8, zipSync, type ZippableFile } from 'fflate';
import type { ModelGraph } from '../graph/model-graph.js';
import { kerasModel } from './keras-model.js';
import { weightsFile } from './weights-file.js';

/** The zip format's first date: a file does not depend on when it was written. */
const DATE = new Date(1980, 0, 1);

/**
 * Writes a model as a `.keras` file, which `keras.saving.load_model` of Keras 3 reads.
 *
 * @throws LockstepError `export-refused` for a layer that has no rule
 */
export async function writeKeras(model: ModelGraph, path: string): Promise<void> {
  const { config, weights } = kerasModel(model);
  const json = (value: object): ZippableFile => [strToU8(JSON.stringify(value)), { mtime: DATE }];
  const bytes = zipSync({
    'metadata.json': json({ keras_version: '3.0.0', generated_by: 'Lockstep' }),
    'config.json': json(config),
    // Weights hardly shrink.
    'model.weights.h5': [await weightsFile(weights), { mtime: DATE, level: 0 }],
  });
  await writeFile(path, bytes);
}
