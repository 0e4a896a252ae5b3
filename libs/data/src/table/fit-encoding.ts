import type { Column } from './column.js';
import { kindOf } from './column-kind.js';
import type { Table } from './table-builder.js';
import { byCodeUnits, columnOf } from './read-targets.js';
import { quoted, tableInvalid } from './table-errors.js';
import type { ColumnEncoding, NumberEncoding, TextEncoding } from './table-encoding.js';

/** Most categories of a text column. */
const MOST_CATEGORIES = 100;
/** A column of few rows may have as many categories as this. */
const FEW_CATEGORIES = 10;

/**
 * Determines the encoding of columns by the training rows: numbers by mean and deviation, or as they are;
 * texts by the categories that occur, ordered by code units.
 *
 * @param rows the training rows, in sample order
 * @throws LockstepError `data-invalid` for a text among numbers, a column without values, and texts that
 *   are too many for categories
 */
export function fitEncoding(
  table: Table,
  inputs: readonly number[],
  rows: Uint32Array,
  scale: 'standard' | 'none',
): readonly ColumnEncoding[] {
  const columns = inputs.map((index): ColumnEncoding => {
    const column = columnOf(table, index);
    const name = table.names[index] ?? '';
    return isNumbers(table, index)
      ? fitNumbers(table, name, column, rows, scale)
      : fitTexts(name, column, rows);
  });
  mustBeCategories(table, columns, rows.length);
  return columns;
}

/** @throws LockstepError `data-invalid` for a text among numbers */
function isNumbers(table: Table, index: number): boolean {
  const found = kindOf(columnOf(table, index));
  if (found.kind !== 'stray') return found.kind === 'numbers';
  const { text, firstRow } = found.stray;
  const name = table.names[index] ?? '';
  throw tableInvalid(table.file, `column ${name} holds ${quoted(text)} among numbers`, {
    line: table.lines[firstRow],
    remedy: `correct it (numbers have a decimal point and no comma, a missing one is an empty cell), or use --ignore-columns ${name}`,
  });
}

/** Mean and deviation in float64, summed in sample order. */
function fitNumbers(
  { file }: Table,
  name: string,
  column: Column,
  rows: Uint32Array,
  scale: 'standard' | 'none',
): NumberEncoding {
  const values = Float64Array.from(rows, (row) => column.number(row)).filter(
    (value) => !Number.isNaN(value),
  );
  if (values.length === 0) {
    throw tableInvalid(file, `column ${name} has no value in the training rows`, {
      remedy: `use --ignore-columns ${name}`,
    });
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length;
  if (!Number.isFinite(variance)) {
    throw tableInvalid(file, `the values of column ${name} are too large to be scaled`);
  }
  if (scale === 'none') return { name, fill: mean, mean: 0, deviation: 1 };
  return { name, fill: mean, mean, deviation: Math.sqrt(variance) || 1 };
}

function fitTexts(name: string, column: Column, rows: Uint32Array): TextEncoding {
  const found = new Set<string>();
  for (const row of rows) found.add(column.text(row));
  return { name, categories: [...found].sort(byCodeUnits) };
}

/** Names all columns at fault at once, so that one option removes them. */
function mustBeCategories({ file }: Table, columns: readonly ColumnEncoding[], rows: number): void {
  const most = Math.max(FEW_CATEGORIES, Math.min(MOST_CATEGORIES, Math.floor(rows / 2)));
  const wrong = columns.filter(
    (each): each is TextEncoding => 'categories' in each && each.categories.length > most,
  );
  if (wrong.length === 0) return;
  const found = wrong.map(({ name, categories }) => `${name} (${categories.length})`).join(', ');
  throw tableInvalid(
    file,
    `too many distinct texts for categories in ${rows} training rows: ${found}; at most ${most}`,
    { remedy: `leave them out: --ignore-columns ${wrong.map(({ name }) => name).join(',')}` },
  );
}
