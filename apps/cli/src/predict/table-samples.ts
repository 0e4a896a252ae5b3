import { isTable, readTableRows } from '@lockstep/data';
import type { SampleKind } from './sample.js';

/** The rows of CSV and TSV tables, for a run that was trained on a table. */
export const tableSamples: SampleKind = {
  takes: async (path, { traits }) => traits?.encoding !== undefined && (await isTable(path)),
  read: async function* (path, { traits }) {
    if (!traits?.encoding) return;
    for (const { line, values } of await readTableRows(path, traits.encoding)) {
      yield { source: `${path}:${line}`, values };
    }
  },
};
