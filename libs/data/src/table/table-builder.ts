import { Column } from './column.js';
import { isHeader } from './header.js';
import type { RowSink } from './row-sink.js';
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

/** A picture of 256×256 in colour, and its label. */
const MOST_COLUMNS = 200_000;

/** Takes the rows of a table in order; the second shows whether the first is a header. */
export class TableBuilder implements RowSink {
  readonly #file: string;
  readonly #header: NonNullable<TableSettings['header']>;
  #first: { readonly cells: readonly string[]; readonly line: number } | undefined;
  #names: readonly string[] | undefined;
  #hasHeader = false;
  readonly #columns: Column[] = [];
  readonly #lines: number[] = [];
  readonly #most: number;
  lastLine = 0;

  constructor(file: string, header: NonNullable<TableSettings['header']>, most: number) {
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
    if (!this.#first) this.#first = { cells: cells.map((cell) => cell.trim()), line };
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
