import { basename } from 'node:path';
import { LockstepError } from '@lockstep/core';
import { readNames, readTable } from './read-table.js';
import type { Table } from './table-builder.js';
import { readClasses, readValues, type TableTargets } from './read-targets.js';
import type { TableSettings } from './table-settings.js';

/** The test rows of a folder, or why they are taken from the training table. */
export type TestTable =
  | {
      readonly table: Table;
      /** Its targets, of the classes of the training rows where there are classes. */
      targets(known: TableTargets): TableTargets;
    }
  | { readonly table?: never; readonly note?: string };

/**
 * Reads the test table, if there is one and it has the target: Kaggle keeps the targets of its tests secret.
 *
 * @throws LockstepError `bad-option` where a share of the samples to test on is given as well
 */
export async function readTestTable(
  file: string | undefined,
  table: Table,
  target: number,
  settings: TableSettings,
): Promise<TestTable> {
  if (file === undefined) return {};
  const name = table.names[target] ?? '';
  const names = await readNames(file, settings);
  const at = table.hasHeader ? names.indexOf(name) : target;
  if (at < 0 || (!table.hasHeader && names.length < table.names.length)) {
    return { note: `${basename(file)} has no column ${name}` };
  }
  if (settings.testSplit !== undefined || settings.splitSeed !== undefined) {
    const option = settings.testSplit === undefined ? '--split-seed' : '--test-split';
    throw new LockstepError(
      'bad-option',
      `${option} is for data without a test set: ${file} is one`,
      {
        remedy: `leave ${option} out, or give --data ${table.file}`,
      },
    );
  }
  const own = await readTable(file, settings);
  return {
    table: own,
    targets: ({ classNames }) =>
      classNames ? readClasses(own, at, classNames) : { targets: readValues(own, at) },
  };
}
