import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { tooLong, type RestOfTable } from './plain-rows.js';
import { MOST_ROW, type RowSink } from './row-sink.js';
import { tableDamaged } from './table-errors.js';

/**
 * Takes the rows of the rest of a table in which cells may be quoted (RFC 4180).
 *
 * @throws LockstepError `data-damaged`
 */
export async function takeQuotedRows(
  { text, lines: linesBefore }: RestOfTable,
  chunks: AsyncIterator<string>,
  delimiter: string,
  sink: RowSink,
  file: string,
): Promise<void> {
  const parser = parse({
    delimiter,
    max_record_size: MOST_ROW,
    // Found by itself, it would be one of them for the whole file.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    on_record: (cells: string[], { lines }: { lines: number }) => {
      sink.add(cells, linesBefore + lines);
      return null;
    },
  });
  parser.resume();
  try {
    await pipeline(untilFull(sink, text, chunks), parser);
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // The chunk in which a full table ends may end within quotes.
    if (!sink.isFull) throw malformed(cause, sink.lastLine + 1, file);
  }
}

async function* untilFull(
  sink: RowSink,
  first: string,
  chunks: AsyncIterator<string>,
): AsyncGenerator<string> {
  yield first;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    if (sink.isFull) return;
    yield next.value;
  }
}

function malformed(cause: CsvError, line: number, file: string): Error {
  switch (cause.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return tableDamaged(file, 'a quote (") is opened and not closed before the end', {
        line,
        remedy: 'close it, or download the file again if its end is missing',
        cause,
      });
    case 'CSV_MAX_RECORD_SIZE':
      return tooLong(file, line);
    default:
      return tableDamaged(file, `a quote (") stands where none may: ${cause.message}`, {
        line,
        remedy: 'double a quote within quotes',
        cause,
      });
  }
}
