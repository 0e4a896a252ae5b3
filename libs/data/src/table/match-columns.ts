import { listed } from './find-column.js';
import type { Table } from './table-builder.js';
import { encodedNames, type TableEncoding } from './table-encoding.js';
import { tableInvalid } from './table-errors.js';

/**
 * The columns of another table that an encoding is of, in its order: by name, or by position where tables
 * have no header; then the target may be missing.
 *
 * @throws LockstepError `data-invalid` naming the columns that are missing
 */
export function columnsOf(table: Table, encoding: TableEncoding): readonly number[] {
  const names = encodedNames(encoding);
  const { columnCount } = encoding;
  if (columnCount !== undefined) return positionsOf(table, encoding, columnCount);
  const places = new Map(table.names.map((name, index) => [name, index]));
  const missing = names.filter((name) => !places.has(name));
  if (missing.length === 0) return names.map((name) => places.get(name) ?? -1);
  throw tableInvalid(table.file, `it lacks columns of the training table: ${listed(missing)}`, {
    remedy: 'give a table with the same columns, named in its first row',
  });
}

/** Of columns named by number: as they are, or moved where the target's is not there. */
function positionsOf(
  { file, names: found, hasHeader }: Table,
  encoding: TableEncoding,
  columnCount: number,
): readonly number[] {
  const numbers = encodedNames(encoding).map(numberIn);
  const target = numberIn(encoding.target);
  if (!hasHeader && found.length === columnCount) return numbers;
  if (!hasHeader && found.length === columnCount - 1) {
    return numbers.map((number) => (number > target ? number - 1 : number));
  }
  const header = hasHeader ? ' and a header, which the training table has not' : '';
  throw tableInvalid(
    file,
    `it has ${found.length} columns${header}; expected ${columnCount}, or ${columnCount - 1} without the target`,
  );
}

/** `column 3` → 2 */
function numberIn(name: string): number {
  return Number(name.slice('column '.length)) - 1;
}
