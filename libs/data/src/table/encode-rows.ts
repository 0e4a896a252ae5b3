import { columnsOf } from './match-columns.js';
import type { Table } from './table-builder.js';
import { columnOf } from './read-targets.js';
import { quoted, tableInvalid } from './table-errors.js';
import {
  encodedWidth,
  widthOf,
  type NumberEncoding,
  type TableEncoding,
} from './table-encoding.js';
import { isMissingMark } from './parse-number.js';

/** Rows as inputs, and what had to be replaced. */
export interface EncodedRows {
  /** [rows, width] */
  readonly inputs: Uint8Array | Float32Array;
  /** Missing numbers, by name of the column. */
  readonly missing: ReadonlyMap<string, number>;
  /** Texts that no training row has, by name of the column. */
  readonly unknown: ReadonlyMap<string, number>;
}

/**
 * Encodes rows of a table.
 *
 * @param rows in the order of the samples
 * @throws LockstepError `data-invalid` for a column that is missing, and, with the line, for a cell that is
 *   no number of its column
 */
export function encodeRows(table: Table, encoding: TableEncoding, rows: Uint32Array): EncodedRows {
  const { columns } = encoding;
  const indices = columnsOf(table, encoding);
  const width = encodedWidth(encoding);
  const missing = new Map<string, number>();
  const unknown = new Map<string, number>();
  if ('pixels' in columns) {
    const inputs = new Uint8Array(rows.length * width);
    indices.forEach((index, at) => putBytes({ table, index, rows, inputs, at, width }));
    return { inputs, missing, unknown };
  }
  const inputs = new Float32Array(rows.length * width);
  let at = 0;
  columns.forEach((column, n) => {
    const place = { table, index: indices[n] ?? -1, rows, inputs, at, width };
    if ('categories' in column)
      count(unknown, column.name, putCategories(place, column.categories));
    else count(missing, column.name, putNumbers(place, column));
    at += widthOf(column);
  });
  return { inputs, missing, unknown };
}

function count(counts: Map<string, number>, name: string, cells: number): void {
  if (cells > 0) counts.set(name, cells);
}

/** Where the values of a column are put: from `at` on in each row of `width`. */
interface Place<Inputs = Float32Array> {
  readonly table: Table;
  readonly index: number;
  readonly rows: Uint32Array;
  readonly inputs: Inputs;
  readonly at: number;
  readonly width: number;
}

function putBytes({ table, index, rows, inputs, at, width }: Place<Uint8Array>): void {
  const column = columnOf(table, index);
  if (!column.isBytes) throw noPixel(table, index);
  rows.forEach((row, n) => {
    inputs[n * width + at] = column.number(row);
  });
}

function noPixel(table: Table, index: number): Error {
  const column = columnOf(table, index);
  const cells = Array.from({ length: column.count }, (_, row) => column.text(row));
  const row = cells.findIndex((cell) => !/^(\d|\d\d|1\d\d|2[0-4]\d|25[0-5])$/.test(cell));
  return tableInvalid(
    table.file,
    `column ${table.names[index]} holds ${quoted(cells[row] ?? '')}, expected a pixel from 0 to 255`,
    { line: table.lines[row] },
  );
}

/** @returns how many cells are missing */
function putNumbers(
  { table, index, rows, inputs, at, width }: Place,
  { fill, mean, deviation, name }: NumberEncoding,
): number {
  const column = columnOf(table, index);
  let missing = 0;
  rows.forEach((row, n) => {
    let value = column.number(row);
    if (Number.isNaN(value)) {
      const text = column.text(row);
      if (text !== '' && !isMissingMark(text)) throw noNumber(table, row, name, text);
      missing++;
      value = fill;
    }
    const input = Math.fround((value - mean) / deviation);
    if (!Number.isFinite(input)) throw noNumber(table, row, name, column.text(row));
    inputs[n * width + at] = input;
  });
  return missing;
}

function noNumber(table: Table, row: number, name: string, text: string): Error {
  return tableInvalid(
    table.file,
    `column ${name} holds ${quoted(text)}, expected a number that fits into float32`,
    { line: table.lines[row] },
  );
}

/** @returns how many cells are of no category */
function putCategories(
  { table, index, rows, inputs, at, width }: Place,
  categories: readonly string[],
): number {
  const column = columnOf(table, index);
  const places = new Map(categories.map((category, place) => [category, place]));
  let unknown = 0;
  rows.forEach((row, n) => {
    const place = places.get(column.text(row));
    if (place === undefined) unknown++;
    else inputs[n * width + at + place] = 1;
  });
  return unknown;
}
