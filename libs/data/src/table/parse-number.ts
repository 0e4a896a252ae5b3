/**
 * The number that a cell holds: decimal, with or without a fraction and an exponent; finite. White space
 * around it does not count. Undefined for anything else, also for `NaN` and `inf`.
 */
export function parseNumber(cell: string): number | undefined {
  const value = Number(cell);
  if (!Number.isFinite(value)) return undefined;
  // `Number` also takes white space alone, 0x1f, 0b1 and 0o7.
  if (value === 0 && !cell.includes('0')) return undefined;
  return cell.length > 2 && /^\s*0[box]/i.test(cell) ? undefined : value;
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

/** A number with a decimal comma, or with commas between its thousands. */
export function hasComma(cell: string): boolean {
  return /^[-+]?\d+(,\d+)+(\.\d+)?$/.test(cell);
}
