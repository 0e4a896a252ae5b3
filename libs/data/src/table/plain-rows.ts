import { MOST_ROW, type RowSink } from './row-sink.js';
import { tableDamaged } from './table-errors.js';

/** What follows the rows that have been taken. */
export interface RestOfTable {
  /** From the beginning of a line on. */
  readonly text: string;
  /** Lines before it. */
  readonly lines: number;
}

/**
 * Takes the rows of a table up to the first chunk with a quote: what has none is split six times as fast as
 * a parser for quotes reads it.
 *
 * @returns what follows, undefined at the end of the table
 * @throws LockstepError `data-damaged`
 */
export async function takePlainRows(
  first: string,
  chunks: AsyncIterator<string>,
  delimiter: string,
  sink: RowSink,
  file: string,
): Promise<RestOfTable | undefined> {
  let text = first;
  for (let lines = 0; !sink.isFull;) {
    if (text.includes('"') || hasOldLineEnds(text)) return { text, lines };
    const rows = text.split('\n');
    text = rows.pop() ?? '';
    if (text.length > MOST_ROW) throw tooLong(file, lines + rows.length + 1);
    for (const row of rows) takeRow(row, delimiter, sink, ++lines);
    const next = await chunks.next();
    if (next.done === true) {
      takeRow(text, delimiter, sink, lines + 1);
      break;
    }
    text += next.value;
  }
  return undefined;
}

export function tooLong(file: string, line: number): Error {
  return tableDamaged(file, `the row is longer than ${MOST_ROW} characters`, { line });
}

/** Lines that end with a carriage return alone. */
function hasOldLineEnds(text: string): boolean {
  const at = text.indexOf('\r');
  return at >= 0 && at < text.length - 1 && text[at + 1] !== '\n';
}

function takeRow(row: string, delimiter: string, sink: RowSink, line: number): void {
  if (row.trim() !== '' || row.includes(delimiter)) sink.add(row.split(delimiter), line);
}
