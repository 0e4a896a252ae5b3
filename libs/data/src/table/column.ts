import { parseNumber } from './parse-number.js';

const FIRST_CAPACITY = 16;
const NO_TEXT = -1;

/** A distinct text of a column. */
export interface ColumnText {
  readonly text: string;
  /** How many cells hold it. */
  cells: number;
  readonly firstRow: number;
}

/**
 * A column of a table as it was read, growing row by row. Numbers are held in as little memory as they
 * need: bytes while all are whole from 0 to 255, else float64; texts as indices of the distinct ones.
 */
export class Column {
  #count = 0;
  /** [count]; NaN where a cell is empty or a text */
  #numbers: Uint8Array | Float64Array = new Uint8Array(FIRST_CAPACITY);
  /** Absent before the first text. */
  #texts: TextCells | undefined;

  /** White space around the cell does not count. */
  add(cell: string): void {
    const value = parseNumber(cell);
    if (this.#count === this.#numbers.length) this.#numbers = grown(this.#numbers);
    if (this.#numbers instanceof Uint8Array && !isByte(value)) {
      this.#numbers = Float64Array.from(this.#numbers);
    }
    this.#numbers[this.#count] = value ?? NaN;
    const text = value === undefined ? cell.trim() : '';
    if (text !== '') {
      this.#texts ??= new TextCells();
      this.#texts.set(this.#count, text);
    }
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether every cell is a whole number from 0 to 255. */
  get isBytes(): boolean {
    return this.#numbers instanceof Uint8Array;
  }

  /** NaN where the cell is empty or a text. */
  number(row: number): number {
    return this.#numbers[row] ?? NaN;
  }

  /**
   * The cell as a category: a number in its shortest form, so that 1.50 and 1.5 are one category; '' where
   * it is empty.
   */
  text(row: number): string {
    const value = this.number(row);
    return Number.isNaN(value) ? (this.#texts?.get(row) ?? '') : String(value);
  }

  /** The distinct texts, in the order of their first rows. */
  get texts(): readonly ColumnText[] {
    return this.#texts?.distinct ?? [];
  }
}

/** The cells of a column that are texts. */
class TextCells {
  readonly distinct: ColumnText[] = [];
  readonly #indexOf = new Map<string, number>();
  #indices = new Int32Array(FIRST_CAPACITY).fill(NO_TEXT);

  set(row: number, text: string): void {
    let index = this.#indexOf.get(text);
    if (index === undefined) {
      index = this.distinct.push({ text, cells: 0, firstRow: row }) - 1;
      this.#indexOf.set(text, index);
    }
    const known = this.distinct[index];
    if (known) known.cells++;
    while (row >= this.#indices.length) {
      const from = this.#indices.length;
      this.#indices = grown(this.#indices);
      this.#indices.fill(NO_TEXT, from);
    }
    this.#indices[row] = index;
  }

  get(row: number): string | undefined {
    return this.distinct[this.#indices[row] ?? NO_TEXT]?.text;
  }
}

function grown<Values extends Uint8Array | Int32Array | Float64Array>(values: Values): Values {
  const larger = new (values.constructor as new (length: number) => Values)(2 * values.length);
  larger.set(values);
  return larger;
}

const isByte = (value: number | undefined): boolean =>
  value !== undefined && (value & 255) === value && !Object.is(value, -0);
