import { gatherBatch } from '../gather-batch.js';
import { encodeRows } from './encode-rows.js';
import { readTable } from './read-table.js';
import type { TableEncoding } from './table-encoding.js';

/** A row of a table as a network receives it. */
export interface TableRow {
  /** Of the file, from 1. */
  readonly line: number;
  /** [width] */
  readonly values: Float32Array;
}

/**
 * Reads the rows of a table as inputs, encoded as in training. The target and other columns may be missing.
 *
 * @throws LockstepError `data-not-found`, `data-damaged` or `data-invalid`, with the line
 */
export async function readTableRows(
  file: string,
  encoding: TableEncoding,
): Promise<readonly TableRow[]> {
  const { columnCount, delimiter } = encoding;
  const header = columnCount === undefined ? 'yes' : 'no';
  const table = await readTable(file, { header, delimiter });
  const rows = Uint32Array.from(table.lines, (_, row) => row);
  const { inputs: encoded } = encodeRows(table, encoding, rows);
  const samples = { count: rows.length, inputs: encoded, targets: new Int32Array(rows.length) };
  const { inputs } = gatherBatch(samples, rows);
  const width = inputs.length / rows.length;
  return table.lines.map((line, n) => ({
    line,
    values: inputs.subarray(n * width, (n + 1) * width),
  }));
}
