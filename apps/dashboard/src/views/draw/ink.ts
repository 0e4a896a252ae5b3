/** A drawing: ink per pixel, 0–255, row-major. */
export interface Ink {
  readonly width: number;
  readonly height: number;
  readonly levels: Uint8Array;
}

export interface Point {
  /** Pixels from the left and from the top. */
  readonly x: number;
  readonly y: number;
}

export function blankInk(width: number, height: number): Ink {
  return { width, height, levels: new Uint8Array(width * height) };
}

export function isBlank({ levels }: Ink): boolean {
  return levels.every((level) => level === 0);
}

/**
 * Draws a line with a round pen and an antialiased edge over the existing ink.
 *
 * @param radius of the pen, in pixels
 * @returns a new drawing
 */
export function drawLine(ink: Ink, from: Point, to: Point, radius: number): Ink {
  const { width, height } = ink;
  const levels = ink.levels.slice();
  const reach = radius + 1;
  const [left, right] = span(from.x, to.x, reach, width);
  const [top, bottom] = span(from.y, to.y, reach, height);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const away = distance({ x: x + 0.5, y: y + 0.5 }, from, to);
      const level = Math.round(255 * Math.min(1, Math.max(0, radius + 0.5 - away)));
      const at = y * width + x;
      if (level > levels[at]) levels[at] = level;
    }
  }
  return { ...ink, levels };
}

/** An image as a drawing, with a block of pixels for each of its pixels. */
export function inkFrom(
  pixels: ArrayLike<number>,
  width: number,
  height: number,
  block: number,
): Ink {
  const ink = blankInk(width * block, height * block);
  for (let y = 0; y < ink.height; y++) {
    for (let x = 0; x < ink.width; x++) {
      const from = Math.floor(y / block) * width + Math.floor(x / block);
      ink.levels[y * ink.width + x] = pixels[from] ?? 0;
    }
  }
  return ink;
}

/** The pixels within reach of both ends: [first, end). */
function span(a: number, b: number, reach: number, limit: number): [number, number] {
  const first = Math.max(0, Math.floor(Math.min(a, b) - reach));
  return [first, Math.min(limit, Math.ceil(Math.max(a, b) + reach))];
}

/** Distance of a point from a line segment. */
function distance(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / length;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(point.x - from.x - share * dx, point.y - from.y - share * dy);
}
