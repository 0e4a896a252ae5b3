/**
 * The number that a cell holds: decimal, with or without a fraction and an exponent; finite. Undefined for
 * anything else, also for `NaN` and `inf`.
 */
export function parseNumber(cell: string): number | undefined {
  if (cell === '') return undefined;
  const value = Number(cell);
  if (!Number.isFinite(value)) return undefined;
  // `Number` also takes 0x1f, 0b1 and 0o7.
  return cell.length > 2 && /^0[box]/i.test(cell) ? undefined : value;
}

/** What stands for a missing number, besides an empty cell. */
const MISSING = new Set(['NA', 'N/A', 'n/a', 'na', '?', 'null', 'NULL', 'None', '-']);

export function isMissingMark(cell: string): boolean {
  return MISSING.has(cell);
}

/** `NaN` and infinities in their usual spellings. */
export function isNotFinite(cell: string): boolean {
  return /^[-+]?(nan|inf(inity)?)$/i.test(cell);
}
