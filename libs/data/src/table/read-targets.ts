import type { Column } from './column.js';
import { kindOf } from './column-kind.js';
import { parseNumber } from './parse-number.js';
import type { Table } from './table-builder.js';
import { quoted, tableInvalid } from './table-errors.js';
import type { TableSettings } from './table-settings.js';

/** The targets of a table's rows. */
export interface TableTargets {
  /** Absent for a regression. */
  readonly classNames?: readonly string[];
  /** [rows] class numbers, or values */
  readonly targets: Int32Array | Float32Array;
}

/** So many distinct whole numbers, each in so many rows, are classes; more than the second are values. */
const SURELY_CLASSES = 20;
const SURELY_VALUES = 100;
const ROWS_PER_CLASS = 5;

/**
 * Reads the target column of the rows to train on: as classes where it has texts or few whole numbers,
 * which are named in ascending order (numbers by value, texts by code units), else as values.
 *
 * @throws LockstepError `data-invalid`: a missing target, a single class, texts for a regression, or
 *   numbers that may be either
 */
export function readTargets(
  table: Table,
  index: number,
  task: TableSettings['task'] = 'auto',
): TableTargets {
  const column = columnOf(table, index);
  mustBeComplete(table, index);
  const names = distinct(column);
  const isClasses = task === 'auto' ? areClasses(table, index, names) : task === 'classes';
  return isClasses ? readClasses(table, index, names) : { targets: readValues(table, index) };
}

/**
 * @param names the known classes, those of the training rows
 * @throws LockstepError `data-invalid` when a row has another class
 */
export function readClasses(
  table: Table,
  index: number,
  names: readonly string[],
): { readonly classNames: readonly string[]; readonly targets: Int32Array } {
  const column = columnOf(table, index);
  mustBeComplete(table, index);
  if (names.length < 2) {
    const found = `all ${column.count} rows have the class ${quoted(names[0] ?? '')}`;
    throw tableInvalid(table.file, `${found}: there is nothing to tell apart`, {
      remedy: 'choose the column of the classes with --target',
    });
  }
  const numbers = new Map(names.map((name, number) => [name, number]));
  const targets = Int32Array.from({ length: column.count }, (_, row) => {
    const number = numbers.get(column.text(row));
    if (number !== undefined) return number;
    throw tableInvalid(
      table.file,
      `its class ${quoted(column.text(row))} is not among those of the training rows`,
      { line: table.lines[row] },
    );
  });
  return { classNames: names, targets };
}

/** @throws LockstepError `data-invalid` when a target is not a number */
export function readValues(table: Table, index: number): Float32Array {
  const column = columnOf(table, index);
  mustBeComplete(table, index);
  const targets = Float32Array.from({ length: column.count }, (_, row) => column.number(row));
  const row = targets.findIndex((value) => !Number.isFinite(value));
  if (row < 0) return targets;
  throw tableInvalid(
    table.file,
    `the target ${table.names[index]} is ${quoted(column.text(row))}, expected a number`,
    { line: table.lines[row], remedy: 'correct it, or use --task classes' },
  );
}

function areClasses(table: Table, index: number, names: readonly string[]): boolean {
  const name = table.names[index] ?? '';
  const column = columnOf(table, index);
  const found = kindOf(column);
  if (found.kind === 'stray') {
    const { text, firstRow } = found.stray;
    throw tableInvalid(table.file, `the target ${name} is ${quoted(text)} among numbers`, {
      line: table.lines[firstRow],
      remedy: 'correct it, or say what the target is with --task classes or --task values',
    });
  }
  const rows = column.count;
  if (found.kind === 'texts') {
    if (names.length <= Math.max(2, rows / 2)) return true;
    throw tableInvalid(
      table.file,
      `the target ${name} has ${names.length} distinct texts in ${rows} rows: too many for classes`,
      { remedy: 'choose the column of the target with --target' },
    );
  }
  if (names.some((each) => !Number.isInteger(parseNumber(each)))) return false;
  if (names.length > SURELY_VALUES) return false;
  if (names.length <= SURELY_CLASSES && rows >= ROWS_PER_CLASS * names.length) return true;
  throw tableInvalid(
    table.file,
    `the target ${name} has ${names.length} distinct whole numbers in ${rows} rows: they may be classes or values`,
    { remedy: 'say which with --task classes or --task values' },
  );
}

function distinct(column: Column): readonly string[] {
  const found = new Set<string>();
  for (let row = 0; row < column.count; row++) found.add(column.text(row));
  const names = [...found].sort(byCodeUnits);
  const areNumbers = names.every((name) => parseNumber(name) !== undefined);
  return areNumbers ? names.sort((a, b) => Number(a) - Number(b)) : names;
}

/** Order that depends on no locale. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function mustBeComplete(table: Table, index: number): void {
  const column = columnOf(table, index);
  const isNumbers = kindOf(column).kind === 'numbers';
  for (let row = 0; row < column.count; row++) {
    const isMissing = isNumbers ? Number.isNaN(column.number(row)) : column.text(row) === '';
    if (!isMissing) continue;
    throw tableInvalid(table.file, `the target ${table.names[index]} is missing`, {
      line: table.lines[row],
      remedy: 'remove the rows without a target, or choose another with --target',
    });
  }
}

/** The column of a table at an index that is known to be one of its columns. */
export function columnOf({ columns, file }: Table, index: number): Column {
  const column = columns[index];
  if (!column) throw new RangeError(`${file} has no column ${index + 1}`);
  return column;
}
