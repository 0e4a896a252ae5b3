import type { DataReader } from '../readers/reader.js';
import { valuesHash } from '../values-hash.js';
import { arraySchema, type ArraySettings } from './array-settings.js';
import { chooseArrays } from './choose-arrays.js';
import { findArrays, holdsArrays } from './find-arrays.js';
import { readHalves, readTestHalf, type ArraySource } from './read-halves.js';

/** NumPy's arrays: a .npz file, such as Keras' `mnist.npz`, or a folder of .npy files. */
export const arraysReader: DataReader<typeof arraySchema> = {
  name: 'arrays',
  description: 'NumPy arrays: a .npz file, or a folder of .npy files',
  schema: arraySchema,
  recognises: holdsArrays,
  make: (settings) => ({
    read: async (path) => {
      const { name, ...source } = await open(path, settings);
      const content = await readHalves(source);
      return { name, sha256: valuesHash(content), ...content };
    },
    readTestSplit: async (path, spec) => readTestHalf(await open(path, settings), spec),
  }),
};

async function open(
  path: string,
  { inputs, targets, ...settings }: ArraySettings,
): Promise<ArraySource & { readonly name: string }> {
  const found = await findArrays(path);
  const { name, place } = found;
  const chosen = chooseArrays(found, { inputs, targets });
  return { name, place, chosen, settings, numbering: 'distinct' };
}
