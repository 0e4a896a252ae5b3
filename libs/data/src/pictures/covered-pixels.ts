/** The part of a picture's place in a frame that it fills. */
export interface Placement {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Scales a picture into a frame, keeping its aspect ratio, and centres it. */
export function placeIn(picture: Size, frame: Size): Placement {
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height);
  return {
    scale,
    left: (frame.width - picture.width * scale) / 2,
    top: (frame.height - picture.height * scale) / 2,
  };
}

/** Pixels of the picture that a cell of the frame covers along one axis, with their shares of it. */
export interface Covered {
  readonly first: number;
  /** Of pixel first, first + 1, …; they sum to 1 unless part of the cell lies outside the picture. */
  readonly shares: readonly number[];
  /** Their sum. */
  readonly total: number;
}

/**
 * What each cell along one axis of the frame covers of the picture: exact areas, so that no pixel is
 * passed over when a picture shrinks.
 *
 * @param start where the picture begins in the frame
 * @param length of the picture, in its own pixels
 */
export function coveredBy(
  cells: number,
  start: number,
  scale: number,
  length: number,
): readonly Covered[] {
  const widest = Math.abs(scale * length - cells) < 1e-9;
  return Array.from({ length: cells }, (_, cell) => {
    // A side that fills the frame is cut at exact fractions of it.
    const place = (at: number): number => (widest ? (at * length) / cells : (at - start) / scale);
    const from = Math.max(0, place(cell));
    const to = Math.min(length, place(cell + 1));
    const first = Math.floor(from);
    const count = Math.max(0, Math.ceil(to) - first);
    const extent = place(cell + 1) - place(cell);
    const shares = Array.from({ length: count }, (__, i) => {
      const pixel = first + i;
      return (Math.min(to, pixel + 1) - Math.max(from, pixel)) / extent;
    });
    const total = shares.reduce((sum, share) => sum + share, 0);
    return { first, shares, total };
  });
}
