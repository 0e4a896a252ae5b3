import { dirname } from 'node:path';
import { LockstepError, makeFolder } from '@lockstep/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ExportFormat } from './formats.js';
import { readModel } from './graph/read-model.js';
import { writeKeras } from './keras/write-keras.js';
import { writeOnnx } from './onnx/write-onnx.js';

const writers = { keras: writeKeras, onnx: writeOnnx };

/**
 * Writes a LayersModel in another format. Nothing is written for a model that is refused.
 *
 * @throws LockstepError `export-refused`, naming the layer that the format cannot express and the reason;
 *   `disk-full`, or `path-unusable` when the file cannot be written
 */
export async function exportModel(
  model: LayersModel,
  format: Exclude<ExportFormat, 'tfjs'>,
  path: string,
): Promise<void> {
  const graph = readModel(model);
  try {
    await makeFolder(dirname(path));
    await writers[format](graph, path);
  } catch (cause) {
    if (cause instanceof LockstepError) throw cause;
    throw LockstepError.fromSystem(cause, { what: `${path} cannot be written` });
  }
}
