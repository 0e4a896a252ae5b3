import { delimiterOf } from './header.js';
import { openTable } from './open-table.js';
import { takePlainRows } from './plain-rows.js';
import { takeQuotedRows } from './quoted-rows.js';
import { TableBuilder, type Table } from './table-builder.js';
import type { TableSettings } from './table-settings.js';

export type TableForm = Pick<TableSettings, 'header' | 'delimiter'>;

/**
 * Reads a table, plain or gzipped: RFC 4180, in UTF-8, with or without byte order mark and header. White
 * space around cells and empty lines do not count.
 *
 * @throws LockstepError `data-not-found`, or `data-damaged` with the line
 */
export function readTable(file: string, form: TableForm): Promise<Table> {
  return readRows(file, form, Infinity);
}

/**
 * The names of a table's columns; `column 1` … where it has no header.
 *
 * @throws LockstepError `data-not-found`, or `data-damaged` with the line
 */
export async function readNames(file: string, form: TableForm): Promise<readonly string[]> {
  return (await readRows(file, form, 1)).names;
}

/** @param most rows to read, the header not counted */
async function readRows(file: string, form: TableForm, most: number): Promise<Table> {
  const builder = new TableBuilder(file, form.header ?? 'auto', most);
  const chunks = openTable(file);
  try {
    const first = await chunks.next();
    if (first.done !== true) {
      const delimiter = delimiterIn(first.value, form, file);
      const rest = await takePlainRows(first.value, chunks, delimiter, builder, file);
      if (rest) await takeQuotedRows(rest, chunks, delimiter, builder, file);
    }
  } finally {
    await chunks.return(undefined);
  }
  return builder.build();
}

function delimiterIn(head: string, { delimiter }: TableForm, file: string): string {
  if (delimiter !== undefined) return delimiter === 'tab' ? '\t' : delimiter;
  return /\.(tsv|tab)(\.gz)?$/i.test(file) ? '\t' : delimiterOf(head);
}
