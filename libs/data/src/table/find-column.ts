import { distance } from 'fastest-levenshtein';
import { LockstepError } from '@lockstep/core';
import { quoted } from './table-errors.js';
import type { Table } from './table-builder.js';

/**
 * The index of the column that an option names, by name or number from 1.
 *
 * @throws LockstepError `bad-option`, with the name most like it
 */
export function findColumn(table: Table, given: string, option: string): number {
  const { file, names, hasHeader } = table;
  const named = hasHeader ? names.indexOf(given) : -1;
  if (named >= 0) return named;
  if (/^\d+$/.test(given) && Number(given) >= 1 && Number(given) <= names.length) {
    return Number(given) - 1;
  }
  if (!hasHeader) {
    throw new LockstepError(
      'bad-option',
      `${option} ${given}: ${file} has no header, its first row is ${firstRow(table)}`,
      { remedy: `give the number of the column, 1 to ${names.length}, or --header yes` },
    );
  }
  throw new LockstepError(
    'bad-option',
    `${option} ${given}: ${file} has no such column${nearest(given, names)}`,
    { remedy: `choose one of ${listed(names)}` },
  );
}

/** Most names or cells that a message lists. */
const MOST_LISTED = 8;

/** The first of the names. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).map(quoted).join(', ');
  return names.length > MOST_LISTED ? `${shown}, … (${names.length})` : shown;
}

function firstRow({ columns }: Table): string {
  return listed(columns.slice(0, MOST_LISTED + 1).map((column) => column.text(0)));
}

function nearest(given: string, names: readonly string[]): string {
  const ranked = names
    .map((name) => ({ name, edits: distance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  const isClose = best !== undefined && best.edits <= Math.max(1, 0.4 * best.name.length);
  return isClose ? `; did you mean ${best.name}?` : '';
}
