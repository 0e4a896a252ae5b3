/** A piece of a line, at its place; the pieces with the lowest ranks stay where not all fit. */
export interface Piece {
  readonly rank: number;
  readonly text: string;
}

/** A piece of which only so much is shown as there is room for. */
export interface BarPiece {
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
