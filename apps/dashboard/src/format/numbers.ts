/** Shown for an unknown number. */
export const UNKNOWN = '–';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `12,345`. */
export function formatCount(value: number | null | undefined): string {
  return isNumber(value) ? whole.format(value) : UNKNOWN;
}

/** A share of 1 as percent: `98.37 %`. */
export function formatPercent(share: number | null | undefined, digits = 2): string {
  return isNumber(share) ? `${(100 * share).toFixed(digits)} %` : UNKNOWN;
}

/** A tick label of a percentage axis, as precise as the ticks require: `92 %`, `99.5 %`. */
export function formatPercentTick(share: number, step: number): string {
  return formatPercent(share, step >= 0.01 ? 0 : step >= 0.001 ? 1 : 2);
}

/** Three to four significant digits, for any magnitude: `0.0213`, `1.204`, `512.3`, `2.1e-5`. */
export function formatFigure(value: number | null | undefined): string {
  if (!isNumber(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e7) return value.toExponential(1);
  if (size < 1) return value.toPrecision(3);
  if (size < 1_000) return value.toPrecision(4);
  return whole.format(value);
}

/** A tick label of an axis: `0.5`, `10`, `1.2k`, `3e-4`. */
export function formatTick(value: number): string {
  if (!isNumber(value)) return '';
  const size = Math.abs(value);
  if (size > 0 && size < 1e-3) return value.toExponential().replace('.0', '');
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))}k`;
  return String(Number(value.toPrecision(4)));
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in powers of 1000: `13.1 MB`. */
export function formatBytes(bytes: number | null | undefined): string {
  if (!isNumber(bytes)) return UNKNOWN;
  const power = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)),
  );
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[power]}`;
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
