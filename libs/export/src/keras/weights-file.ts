import { LockstepError } from '@lockstep/core';
import type { WeightGroup } from './keras-model.js';

/** A name in the library's own memory. */
const FILE = 'model.weights.h5';

/** Weights as the HDF5 file that Keras 3 reads: for each layer a group `vars` with data sets 0, 1, … */
export async function weightsFile(groups: readonly WeightGroup[]): Promise<Uint8Array> {
  // Loaded when it is used: 4 MB of WebAssembly.
  const { File, ready } = await import('h5wasm');
  const { FS } = await ready;
  if (FS === null) throw new LockstepError('internal', 'the HDF5 library has no memory for files');
  const file = new File(FILE, 'w');
  try {
    const made = new Set<string>();
    for (const { path, weights } of groups) {
      if (weights.length === 0) continue;
      const vars = `${path}/vars`;
      makeGroups(file, vars, made);
      weights.forEach(({ values, shape }, i) =>
        file.create_dataset({
          ...{ name: `${vars}/${i}`, data: values, shape: [...shape], dtype: '<f' },
        }),
      );
    }
  } finally {
    file.close();
  }
  const bytes = FS.readFile(FILE);
  FS.unlink(FILE);
  return bytes;
}

interface GroupMaker {
  create_group(name: string): unknown;
}

function makeGroups(file: GroupMaker, path: string, made: Set<string>): void {
  const parts = path.split('/');
  parts.forEach((_, i) => {
    const group = parts.slice(0, i + 1).join('/');
    if (made.has(group)) return;
    file.create_group(group);
    made.add(group);
  });
}
