import { createLiveLine, type LiveLine } from './live-line.js';

/** A line that counts, on a terminal; nothing elsewhere. */
export class ProgressLine {
  readonly #line: LiveLine | undefined;
  readonly #verb: string;
  readonly #things: string;
  readonly #remaining = new RemainingTime();
  #before = performance.now();

  constructor(stream: NodeJS.WriteStream, verb: string, things: string) {
    this.#line = createLiveLine(stream);
    this.#verb = verb;
    this.#things = things;
  }

  show(done: number, total: number): void {
    const now = performance.now();
    this.#remaining.observe(now - this.#before);
    this.#before = now;
    const left = durationText(this.#remaining.estimate(total - done) ?? 0);
    const pieces = [
      { rank: 0, text: `${this.#verb} ${done}/${total} ${this.#things}` },
      { rank: 2, share: done / total },
      { rank: 1, text: `${left} left` },
    ];
    this.#line?.show((columns) => fitLine(pieces, columns));
  }

  end(): void {
    this.#line?.end();
  }
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

/** Long enough to hold an evaluation or checkpoint now and then, short enough to follow a change. */
const WINDOW = 100;

/** Estimates how long the rest of a run takes, from its recent steps. */
export class RemainingTime {
  #recent: number[] = [];
  #steps = 0;

  /** @param stepMs time that the step took, without the time in which the run waited */
  observe(stepMs: number): void {
    this.#steps += 1;
    // The first step warms everything up and says little about those that follow.
    this.#recent = this.#steps === 2 ? [stepMs] : [...this.#recent, stepMs].slice(-WINDOW);
  }

  /** Milliseconds; undefined before the first step. */
  estimate(stepsLeft: number): number | undefined {
    if (this.#recent.length === 0) return undefined;
    return (stepsLeft * this.#recent.reduce((sum, each) => sum + each, 0)) / this.#recent.length;
  }
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
