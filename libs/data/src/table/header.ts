import { isMissingMark, parseNumber } from './parse-number.js';

/**
 * Whether the first row of a table has the names of its columns: all its cells are texts, or one stands
 * above a number.
 */
export function isHeader(first: readonly string[], second: readonly string[] = []): boolean {
  const isName = (cell: string): boolean =>
    cell !== '' && !isMissingMark(cell) && parseNumber(cell) === undefined;
  // The index that pandas writes has no name.
  return (
    first.every((cell, n) => isName(cell) || (n === 0 && cell === '' && first.length > 1)) ||
    first.some((cell, n) => isName(cell) && parseNumber(second[n] ?? '') !== undefined)
  );
}

const CANDIDATES = [',', '\t', ';', '|'];

/** What separates the cells of a table: the most frequent candidate of its first line, outside quotes. */
export function delimiterOf(text: string): string {
  const [line = ''] = text.trimStart().split(/\r?\n|\r/, 1);
  const plain = line.replace(/"[^"]*"/g, '');
  const count = (candidate: string): number => plain.split(candidate).length;
  return CANDIDATES.reduce((best, each) => (count(each) > count(best) ? each : best));
}
