import { createLiveLine } from './live-line.js';

/** A line that counts, on a terminal; nothing elsewhere. */
export interface ProgressLine {
  show(done: number, total: number): void;
  end(): void;
}

export function createProgressLine(
  stream: NodeJS.WriteStream,
  verb: string,
  things: string,
): ProgressLine {
  const line = createLiveLine(stream);
  const remaining = createRemainingTime();
  let before = performance.now();
  return {
    show: (done, total) => {
      const now = performance.now();
      remaining.observe(now - before);
      before = now;
      const left = durationText(remaining.estimate(total - done) ?? 0);
      line?.show((columns) =>
        fitLine(
          [
            { rank: 0, text: `${verb} ${done}/${total} ${things}` },
            { rank: 2, share: done / total },
            { rank: 1, text: `${left} left` },
          ],
          columns,
        ),
      );
    },
    end: () => line?.end(),
  };
}

/** A piece of a line, at its place; the pieces with the lowest ranks stay where not all fit. */
interface Piece {
  readonly rank: number;
  readonly text: string;
}

/** A piece of which only so much is shown as there is room for. */
interface BarPiece {
  readonly rank: number;
  /** From 0 to 1. */
  readonly share: number;
}

const GAP = 2;
const LEAST_BAR = 8;
const MOST_BAR = 20;

/**
 * One line that is never wider than `columns`: pieces are left out by rank, and the bar takes what
 * remains. The texts have one column per character.
 */
export function fitLine(pieces: readonly (Piece | BarPiece)[], columns: number): string {
  const kept = new Set<Piece | BarPiece>();
  let width = -GAP;
  for (const piece of pieces.toSorted((a, b) => a.rank - b.rank)) {
    const wider = width + GAP + ('text' in piece ? piece.text.length : LEAST_BAR);
    if (wider > columns && kept.size > 0) continue;
    kept.add(piece);
    width = wider;
  }
  const bar = Math.min(MOST_BAR, LEAST_BAR + columns - width);
  return pieces
    .filter((piece) => kept.has(piece))
    .map((piece) => ('text' in piece ? piece.text : drawBar(piece.share, bar)))
    .join(' '.repeat(GAP))
    .slice(0, Math.max(0, columns));
}

function drawBar(share: number, width: number): string {
  const done = Math.floor(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(done) + '░'.repeat(width - done);
}

/** Estimates how long the rest of a run takes, from its recent steps. */
interface RemainingTime {
  /** @param stepMs time that the step took, without the time in which the run waited */
  observe(stepMs: number): void;
  /** Milliseconds; undefined before the first step. */
  estimate(stepsLeft: number): number | undefined;
}

/** Long enough to hold an evaluation or checkpoint now and then, short enough to follow a change. */
const WINDOW = 100;

export function createRemainingTime(): RemainingTime {
  let recent: number[] = [];
  let steps = 0;
  return {
    observe: (stepMs) => {
      steps += 1;
      // The first step warms everything up and says little about those that follow.
      recent = steps === 2 ? [stepMs] : [...recent, stepMs].slice(-WINDOW);
    },
    estimate: (stepsLeft) => {
      if (recent.length === 0) return undefined;
      return (stepsLeft * recent.reduce((sum, each) => sum + each, 0)) / recent.length;
    },
  };
}

/** `8s`, `11m50s`, `3h05m`, `2d04h`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
    `${large}${largeUnit}${String(small).padStart(2, '0')}${smallUnit}`;
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'm', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'm');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}
