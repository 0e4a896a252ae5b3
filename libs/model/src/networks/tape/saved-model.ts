import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LockstepError, messageOf } from '@lockstep/core';
import { z } from 'zod';
import type { BuildNetwork, ModelSource } from './build-network.js';

/** A saved model as a definition. */
interface SavedModel extends ModelSource {
  readonly definition: BuildNetwork;
}

const weightSpec = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(['float32', 'int32', 'bool', 'complex64', 'string']),
  quantization: z.looseObject({}).exactOptional(),
});

const modelSchema = z.looseObject({
  format: z.literal('layers-model').optional(),
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(weightSpec) })),
});

/**
 * A saved tfjs LayersModel with its weights, as a definition that builds it.
 *
 * @param file absolute path of a `model.json`
 * @throws LockstepError `model-invalid`
 */
export async function savedModel(file: string, json: Uint8Array): Promise<SavedModel> {
  const { modelTopology, weightSpecs, parts } = await readSavedModel(file, json);
  const hash = createHash('sha256').update(json);
  for (const part of parts) hash.update(part);
  const weightData = Uint8Array.from(Buffer.concat(parts)).buffer;
  const build: BuildNetwork = ({ tf }) =>
    tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  return { definition: build, where: basename(file), sourceSha256: hash.digest('hex') };
}

/**
 * The topology of a saved LayersModel, what its weights are, and the bytes of its weight files.
 *
 * @param file absolute path of a `model.json`
 * @throws LockstepError `model-invalid`
 */
export async function readSavedModel(file: string, json: Uint8Array) {
  const { modelTopology, weightsManifest } = parse(json, basename(file));
  const paths = weightsManifest.flatMap((group) => group.paths);
  const parts = await Promise.all(paths.map((path) => readWeights(file, path)));
  return {
    ...{ modelTopology, parts },
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
  };
}

function parse(json: Uint8Array, where: string): z.output<typeof modelSchema> {
  let reason: string;
  try {
    const found = modelSchema.safeParse(JSON.parse(Buffer.from(json).toString('utf8')));
    if (found.success) return found.data;
    reason = z.prettifyError(found.error).replaceAll('\n', ' ');
  } catch (cause) {
    reason = messageOf(cause);
  }
  throw new LockstepError('model-invalid', `${where} is no saved LayersModel: ${reason}`, {
    remedy: 'Save the model with model.save(…), or convert it with tensorflowjs_converter.',
  });
}

async function readWeights(file: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(join(dirname(file), path));
  } catch (cause) {
    const reason = messageOf(cause);
    const what = `the weights of ${basename(file)} cannot be read: ${reason}`;
    const remedy = 'Keep the weight files beside model.json.';
    throw new LockstepError('model-invalid', what, { remedy, cause });
  }
}
