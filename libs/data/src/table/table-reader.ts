import { stat } from 'node:fs/promises';
import { canonicalJson, localPath } from '@lockstep/core';
import type { DataSet, Split } from '../data-set.js';
import { describeContent } from '../readers/describe-content.js';
import { firstBytes } from '../readers/first-bytes.js';
import type { DataReader, TestSplitSpec } from '../readers/reader.js';
import { holdsTables, isTableName, locateTables } from './locate-tables.js';
import { readTables } from './read-tables.js';
import { tableInvalid } from './table-errors.js';
import { tableSettings } from './table-settings.js';

/** Tables of numbers and texts, one sample per row. */
export const tableReader: DataReader<typeof tableSettings> = {
  name: 'table',
  description: 'a CSV or TSV table, plain or gzipped, or a folder with `train.csv` and `test.csv`',
  schema: tableSettings,
  recognises: async (path) => (await isTable(path)) || holdsTables(path),
  make: (settings) => {
    const read = async (path: string): Promise<DataSet> =>
      readTables(await locateTables(localPath(path)), settings);
    return {
      read,
      readTestSplit: async (path: string, spec: TestSplitSpec): Promise<Split> => {
        const { inputShape, target, test } = await read(path);
        const found = canonicalJson({ testCount: test.count, inputShape, target });
        const { testCount, inputShape: shape, target: expected } = spec;
        if (found === canonicalJson({ testCount, inputShape: shape, target: expected }))
          return test;
        throw tableInvalid(localPath(path), 'its test set is not that of the run', {
          remedy: 'give the table that the run was begun with',
        });
      },
    };
  },
};

/** Whether a file is a table, by its name or its content; never throws. */
export async function isTable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return false;
  if (isTableName(path)) return true;
  const head = await firstBytes(path).catch(() => new Uint8Array());
  return (await describeContent(head)).words === 'a CSV table';
}
