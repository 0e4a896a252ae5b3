import { LockstepError } from '@lockstep/core';
import { findColumn } from './find-column.js';
import type { Table } from './table-builder.js';
import { tableInvalid } from './table-errors.js';
import type { TableSettings } from './table-settings.js';

/** Which columns of a table are target and inputs, by index. */
export interface ChosenColumns {
  readonly target: number;
  readonly inputs: readonly number[];
  /** What was chosen without a setting, for the header. */
  readonly notes: readonly string[];
}

const USUAL_TARGETS = new Set(['label', 'class', 'target', 'y']);

/**
 * Chooses the columns: the target is the one given, else the only one of a usual name, else the last; the
 * index that pandas writes, a first column without a name, is left out.
 *
 * @throws LockstepError `bad-option`, or `data-invalid` where no column remains for the inputs
 */
export function chooseColumns(
  table: Table,
  { target: given, ignoreColumns }: Pick<TableSettings, 'target' | 'ignoreColumns'>,
): ChosenColumns {
  const ignored = new Set(
    (ignoreColumns?.split(',') ?? []).map((name) =>
      findColumn(table, name.trim(), '--ignore-columns'),
    ),
  );
  const index = indexColumn(table);
  const isLeft = (n: number): boolean => !ignored.has(n) && n !== index;
  const usual = table.names.flatMap((name, n) =>
    isLeft(n) && USUAL_TARGETS.has(name.toLowerCase()) ? [n] : [],
  );
  const others = table.names.flatMap((_, n) => (isLeft(n) ? [n] : []));
  const target =
    given === undefined
      ? ((usual.length === 1 ? usual[0] : others.at(-1)) ?? 0)
      : findColumn(table, given, '--target');
  if (ignored.has(target)) {
    throw new LockstepError('bad-option', `--ignore-columns names the target of ${table.file}`, {
      remedy: 'choose another target with --target, or do not ignore it',
    });
  }
  const inputs = others.filter((n) => n !== target);
  if (inputs.length === 0) {
    throw tableInvalid(table.file, 'no column remains besides the target', {
      remedy: 'give a table of at least two columns; check --delimiter if it has them',
    });
  }
  const why = usual.length === 1 ? 'by its name' : 'the last column';
  return {
    ...{ target, inputs },
    notes: [
      `target: ${table.names[target]}${given === undefined ? ` (${why})` : ''}`,
      ...(index !== undefined && index !== target ? ['left out: the row numbers in column 1'] : []),
    ],
  };
}

/** The column of row numbers that pandas writes: the first, without a name, counting from 0. */
function indexColumn({ hasHeader, names, columns: [first] }: Table): number | undefined {
  if (!hasHeader || names[0] !== 'column 1' || !first || names.length < 3) return undefined;
  for (let row = 0; row < first.count; row++) {
    if (first.number(row) !== row) return undefined;
  }
  return 0;
}
