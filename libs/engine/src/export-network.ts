import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepError, messageOf } from '@lockstep/core';
import { exportModel } from '@lockstep/export';
import { loadLayers } from '@lockstep/runtime/tensorflow';
import type { EngineCommands } from './engine-protocol.js';

type Target = EngineCommands['exportModel']['argument'];

/** What `saveModel` writes, of this release. */
interface SavedModel {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly weights: [] }[];
}

/**
 * Saves a network in another format, by way of the LayersModel that every network saves itself as.
 *
 * @param save writes that model to a folder
 * @throws LockstepError as `exportModel`
 */
export async function exportNetwork(
  save: (folder: string) => Promise<void>,
  { format, path }: Target,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-export-'));
  const tf = loadLayers();
  try {
    await save(folder);
    const model = await loadSaved(tf, folder);
    try {
      await exportModel(model, format, path);
    } finally {
      model.dispose();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function loadSaved(tf: ReturnType<typeof loadLayers>, folder: string) {
  const json = await readFile(join(folder, 'model.json'), 'utf8');
  const { modelTopology, weightsManifest } = JSON.parse(json) as SavedModel;
  const weights = await readFile(join(folder, 'weights.bin'));
  const artifacts = {
    modelTopology,
    weightSpecs: weightsManifest.flatMap((group) => group.weights),
    weightData: Uint8Array.from(weights).buffer,
  };
  try {
    return await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  } catch (cause) {
    const reason = messageOf(cause);
    throw new LockstepError(
      'export-refused',
      `TensorFlow.js cannot read the saved model: ${reason}`,
      {
        remedy:
          'only layers of tfjs-layers, and classes registered by tf.serialization.registerClass, can be exported',
        cause,
      },
    );
  }
}
