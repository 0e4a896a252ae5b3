import { importUserModule, type UserModuleKind } from '@lockstep/user-modules';
import type { DataSet, Split } from '../data-set.js';
import { valuesHash } from '../values-hash.js';
import { defineDataset } from './define-dataset.js';
import { parseDefinition } from './parse-definition.js';
import type { Half } from './read-range.js';
import { readSplit } from './read-split.js';

/** What was read of a data module. */
export interface ModuleContent extends Pick<DataSet, 'inputShape' | 'target' | 'test'> {
  /** Absent where the test set alone was read. */
  readonly whole?: Pick<DataSet, 'train' | 'sha256'>;
}

const api = { defineDataset };
const DATA_MODULE: UserModuleKind = {
  noun: 'data module',
  code: 'data-invalid',
  ending: 'export default defineDataset({ … })',
  packages: { lockstep: api, '@lockstep/data': api },
};

/**
 * Loads a data module and reads its samples.
 *
 * @param file absolute path of a file that can be read
 * @param half `test` for the test set alone; absent for the whole set, with its hash
 * @param begins called before each part of the module's code runs, with its name
 * @throws LockstepError `data-invalid`
 */
export async function readModule(
  file: string,
  half: 'test' | undefined,
  begins: (part: string) => void,
): Promise<ModuleContent> {
  begins('loading');
  const definition = parseDefinition(await importUserModule(file, DATA_MODULE), file);
  const { inputShape, target } = definition;
  const read = (which: Half): Promise<Split> =>
    readSplit({ definition, half: which, file, begins });
  if (half === 'test') return { inputShape, target, test: await read('test') };
  const train = await read('train');
  const test = await read('test');
  const sha256 = valuesHash({ inputShape, target, train, test });
  return { inputShape, target, test, whole: { train, sha256 } };
}
