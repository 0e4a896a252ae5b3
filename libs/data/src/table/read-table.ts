import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { Column } from './column.js';
import { delimiterOf, isHeader } from './header.js';
import { openTable } from './open-table.js';
import { quoted, tableDamaged } from './table-errors.js';
import type { TableSettings } from './table-settings.js';

/** A table in memory, column by column. */
export interface Table {
  readonly file: string;
  /** Whether the file names its columns; otherwise they are `column 1`, `column 2` … */
  readonly hasHeader: boolean;
  readonly names: readonly string[];
  readonly columns: readonly Column[];
  /** [rows] lines of the file, from 1 */
  readonly lines: readonly number[];
}

export type TableForm = Pick<TableSettings, 'header' | 'delimiter'>;

/** Most bytes of a row. */
const MOST_ROW_BYTES = 2 ** 24;
/** A picture of 256×256 in colour, and its label. */
const MOST_COLUMNS = 200_000;

/**
 * Reads a table, plain or gzipped: RFC 4180, in UTF-8, with or without byte order mark and header. White
 * space around cells and empty lines do not count.
 *
 * @throws LockstepError `data-not-found`, or `data-damaged` with the line
 */
export async function readTable(file: string, form: TableForm): Promise<Table> {
  return readRows(file, form);
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
async function readRows(file: string, form: TableForm, most = Infinity): Promise<Table> {
  const builder = new TableBuilder(file, form.header ?? 'auto', most);
  const chunks = openTable(file);
  const first = await chunks.next();
  if (first.done === true) return builder.build();
  const parser = parse({
    bom: true,
    delimiter: delimiterIn(first.value, form, file),
    max_record_size: MOST_ROW_BYTES,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    on_record: (cells: string[], { lines }: { lines: number }) => {
      builder.add(cells, lines);
      return null;
    },
  });
  parser.resume();
  try {
    await pipeline(untilFull(builder, first.value, chunks), parser);
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // The chunk in which a full table ends may end within quotes.
    if (!builder.isFull) throw malformed(cause, builder.lastLine, file);
  }
  return builder.build();
}

async function* untilFull(
  builder: TableBuilder,
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  for await (const chunk of rest) {
    if (builder.isFull) return;
    yield chunk;
  }
}

function delimiterIn(head: Uint8Array, { delimiter }: TableForm, file: string): string {
  if (delimiter !== undefined) return delimiter === 'tab' ? '\t' : delimiter;
  if (/\.(tsv|tab)(\.gz)?$/i.test(file)) return '\t';
  return delimiterOf(new TextDecoder().decode(head));
}

function malformed(cause: CsvError, lastLine: number, file: string): Error {
  const line = lastLine + 1;
  switch (cause.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return tableDamaged(file, 'a quote (") is opened and not closed before the end', {
        line,
        remedy: 'close it, or download the file again if its end is missing',
        cause,
      });
    case 'CSV_MAX_RECORD_SIZE':
      return tableDamaged(file, `the row is longer than ${MOST_ROW_BYTES} bytes`, { line, cause });
    default:
      return tableDamaged(file, `a quote (") stands where none may: ${cause.message}`, {
        line,
        remedy: 'double a quote within quotes',
        cause,
      });
  }
}

/** Takes the rows of a table in order; the second shows whether the first is a header. */
class TableBuilder {
  readonly #file: string;
  readonly #header: NonNullable<TableForm['header']>;
  #first: { readonly cells: readonly string[]; readonly line: number } | undefined;
  #names: readonly string[] | undefined;
  #hasHeader = false;
  readonly #columns: Column[] = [];
  readonly #lines: number[] = [];
  readonly #most: number;
  lastLine = 0;

  constructor(file: string, header: NonNullable<TableForm['header']>, most: number) {
    this.#file = file;
    this.#header = header;
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#lines.length >= this.#most;
  }

  /** @throws LockstepError `data-damaged` when the row is not as long as the first */
  add(cells: readonly string[], line: number): void {
    if (this.isFull) return;
    this.lastLine = line;
    if (!this.#first) this.#first = { cells, line };
    else {
      if (cells.length !== this.#first.cells.length) throw this.#unequal(cells.length, line);
      if (!this.#names) this.#begin(cells);
      this.#append(cells, line);
    }
  }

  build(): Table {
    if (!this.#first) throw tableDamaged(this.#file, 'it holds no rows');
    if (!this.#names) this.#begin();
    if (this.#lines.length === 0) {
      throw tableDamaged(this.#file, 'it holds the names of its columns and no rows');
    }
    return {
      ...{ file: this.#file, hasHeader: this.#hasHeader, names: this.#names ?? [] },
      ...{ columns: this.#columns, lines: this.#lines },
    };
  }

  #begin(second?: readonly string[]): void {
    const { cells, line } = this.#first ?? { cells: [], line: 1 };
    if (cells.length > MOST_COLUMNS) {
      throw tableDamaged(
        this.#file,
        `it has ${cells.length} columns, at most ${MOST_COLUMNS} are read`,
      );
    }
    this.#hasHeader = this.#header === 'auto' ? isHeader(cells, second) : this.#header === 'yes';
    this.#names = cells.map((cell, n) => (this.#hasHeader && cell) || `column ${n + 1}`);
    if (this.#hasHeader) this.#mustDiffer(this.#names, line);
    for (const _ of cells) this.#columns.push(new Column());
    if (!this.#hasHeader) this.#append(cells, line);
  }

  #append(cells: readonly string[], line: number): void {
    for (let n = 0; n < cells.length; n++) this.#columns[n]?.add(cells[n] ?? '');
    this.#lines.push(line);
  }

  #mustDiffer(names: readonly string[], line: number): void {
    const seen = new Set<string>();
    for (const name of names) {
      if (seen.has(name)) {
        throw tableDamaged(this.#file, `two columns are named ${quoted(name)}`, {
          line,
          remedy: 'rename one, or use --header no if the first row is no header',
        });
      }
      seen.add(name);
    }
  }

  #unequal(found: number, line: number): Error {
    const { cells, line: first } = this.#first ?? { cells: [], line: 1 };
    return tableDamaged(
      this.#file,
      `the row has ${found} cells, line ${first} has ${cells.length}`,
      {
        line,
        remedy:
          'complete the row (cells that hold the delimiter need quotes), or download the file again if it ends there',
      },
    );
  }
}
