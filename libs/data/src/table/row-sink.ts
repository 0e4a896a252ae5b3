/** Takes the rows of a table in order. */
export interface RowSink {
  /** Whether no more rows are needed. */
  readonly isFull: boolean;
  /** The line of the file, from 1, in which the last row ended. */
  readonly lastLine: number;
  /** @throws LockstepError `data-damaged` when the row is not as long as the first */
  add(cells: readonly string[], line: number): void;
}

/** Most characters of a row. */
export const MOST_ROW = 2 ** 22;
