import type { Range } from '../../charts/points.js';

export type XAxis = 'step' | 'time';

/** The choices of this view, which are part of the address. */
export interface CurveChoices {
  readonly x: XAxis;
  /** Weight of the past in the smoothing, 0 to 0.99. */
  readonly smoothing: number;
  readonly log: boolean;
  readonly range: Range | undefined;
  /** Ids of the runs to compare with. */
  readonly runs: readonly string[];
}

export const DEFAULT_SMOOTHING = 0.9;
export const MOST_SMOOTHING = 0.99;

/** Parses the choices; invalid values are replaced by the defaults. */
export function readChoices(params: URLSearchParams): CurveChoices {
  const asked = params.get('smooth');
  const smoothing = asked === null ? DEFAULT_SMOOTHING : Number(asked);
  return {
    x: params.get('x') === 'time' ? 'time' : 'step',
    smoothing: smoothing >= 0 && smoothing <= MOST_SMOOTHING ? smoothing : DEFAULT_SMOOTHING,
    log: params.get('log') === '1',
    range: readRange(params.get('range')),
    runs: [...new Set((params.get('runs') ?? '').split(',').filter((id) => id !== ''))],
  };
}

export function writeRange({ from, to }: Range): string {
  return `${Number(from.toPrecision(6))}_${Number(to.toPrecision(6))}`;
}

function readRange(text: string | null): Range | undefined {
  const [from = Number.NaN, to = Number.NaN] = (text ?? '').split('_').map(Number);
  return to > from ? { from, to } : undefined;
}
