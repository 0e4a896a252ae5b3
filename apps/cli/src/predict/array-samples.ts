import { isArrayFile, readArraySamples } from '@lockstep/data';
import type { SampleKind } from './sample.js';

/** The samples of a .npy file: [n, …] of the run's input shape. */
export const arraySamples: SampleKind = {
  takes: (path) => isArrayFile(path),
  read: async function* (path, { spec }) {
    const { inputShape, reader } = spec.data;
    const order = reader?.['channels'];
    const channels = order === 'first' || order === 'last' ? order : undefined;
    const samples = await readArraySamples(path, inputShape, channels);
    for (const [i, values] of samples.entries()) {
      yield { source: `${path}[${i}]`, values };
    }
  },
};
