import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LockstepError, messageOf } from '@lockstep/core';
import { describeContent } from '../readers/describe-content.js';
import { firstBytes } from '../readers/first-bytes.js';
import { isGzip } from '../readers/inflate.js';
import { tableDamaged } from './table-errors.js';

/**
 * The text of a table, plain or gzipped, chunk by chunk, without byte order mark.
 *
 * @throws LockstepError `data-not-found`, or `data-damaged` saying what the file is instead
 */
export async function* openTable(file: string): AsyncGenerator<string> {
  const head = await firstBytes(file);
  const compressed = isGzip(head);
  const source = createReadStream(file);
  const bytes = compressed ? source.pipe(createGunzip()) : source;
  source.on('error', (error) => bytes.destroy(error));
  try {
    yield* textOf(bytes, file);
  } catch (cause) {
    if (cause instanceof LockstepError || !compressed) throw cause;
    throw tableDamaged(file, `its gzip cannot be opened (${messageOf(cause)})`, {
      remedy: 'download it again',
      cause,
    });
  } finally {
    source.destroy();
  }
}

async function* textOf(bytes: Readable, file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  let line = 1;
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw tableDamaged(file, 'it is not text in UTF-8', {
        line: line + (chunk ? linesBeforeError(chunk) : 0),
        remedy: 'save it as CSV in UTF-8',
        cause,
      });
    }
  };
  for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
    if (isFirst) await mustBeTable(chunk, file);
    isFirst = false;
    if (chunk.includes(0)) throw tableDamaged(file, 'it holds bytes that are 0: it is not text');
    const text = decode(chunk);
    line += linesIn(chunk).length - 1;
    yield text;
  }
  if (isFirst) throw tableDamaged(file, 'it is empty', { remedy: 'download it again' });
  decode();
}

const NEWLINE = 10;

/** The lines of a chunk, the last one perhaps empty. */
function linesIn(chunk: Uint8Array): Uint8Array[] {
  const lines = [];
  let from = 0;
  for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
    lines.push(chunk.subarray(from, to));
    from = to + 1;
  }
  return [...lines, chunk.subarray(from)];
}

/** How many lines of the chunk are before the first that is not UTF-8. */
function linesBeforeError(chunk: Uint8Array): number {
  // The chunk may begin within a character.
  const start = chunk.findIndex((byte) => (byte & 0xc0) !== 0x80);
  const lines = linesIn(chunk.subarray(Math.min(3, Math.max(0, start))));
  const wrong = lines.findIndex((each) => !isUtf8(each));
  return wrong < 0 ? lines.length - 1 : wrong;
}

/** @throws LockstepError `data-damaged` for a web page, a picture and so on */
async function mustBeTable(chunk: Uint8Array, file: string): Promise<void> {
  if (isUtf16(chunk)) {
    throw tableDamaged(file, 'it is text in UTF-16', { remedy: 'save it as CSV in UTF-8' });
  }
  const { words } = await describeContent(chunk);
  // Text in another encoding than UTF-8 is detected as binary: the check of the encoding names its line.
  if (TEXTS.has(words)) return;
  const remedy = words === 'an HTML page' ? 'download the file itself, not its page' : undefined;
  throw tableDamaged(file, `it is ${words}, expected a table of text (CSV or TSV)`, { remedy });
}

const TEXTS = new Set(['a CSV table', 'plain text', 'binary data of an unknown format']);

const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
