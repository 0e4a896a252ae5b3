import type { Column, ColumnText } from './column.js';
import { hasComma, isMissingMark, isNotFinite } from './parse-number.js';

/** A column of fewer texts than this, the rest numbers, is a column of numbers with errors. */
const MOST_STRAY = 0.1;

/** What a column holds, as all its cells show. */
export type ColumnKind =
  | { readonly kind: 'numbers' | 'texts' }
  /** Numbers, and a text that must be an error. */
  | { readonly kind: 'stray'; readonly stray: ColumnText };

/** Decides whether a column is of numbers or of texts; marks of missing values count as neither. */
export function kindOf(column: Column): ColumnKind {
  const words = column.texts.filter(({ text }) => !isMissingMark(text));
  const [stray] = words;
  if (stray === undefined) return { kind: 'numbers' };
  const numbers = numberCount(column);
  const cells = words.reduce((sum, word) => sum + word.cells, 0);
  const isStray =
    words.every(({ text }) => isNotFinite(text) || hasComma(text)) ||
    (numbers > 0 && cells < MOST_STRAY * (numbers + cells));
  return isStray ? { kind: 'stray', stray } : { kind: 'texts' };
}

function numberCount(column: Column): number {
  let numbers = 0;
  for (let row = 0; row < column.count; row++) if (!Number.isNaN(column.number(row))) numbers++;
  return numbers;
}
