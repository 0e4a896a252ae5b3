import type { Raster } from './read-png.js';

/** A colour, each part 0–1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** What a picture is drawn on. */
export interface Paper {
  readonly colour: Colour;
  /** Whether it shows only where the picture is transparent, and had to be chosen. */
  readonly chosen: boolean;
}

const WHITE: Colour = [1, 1, 1];
const BLACK: Colour = [0, 0, 0];

/**
 * The paper is what a picture's edge shows. Where the edge is mostly transparent, it is white for dark
 * ink and black for light ink, so that ink and paper can be told apart.
 *
 * @returns undefined when every pixel is transparent
 */
export function paperOf(raster: Raster): Paper | undefined {
  const edge = meanColour(raster, isEdge(raster));
  if (edge && edge.alpha >= 0.5) return { colour: edge.colour, chosen: false };
  const ink = meanColour(raster, () => true);
  return ink && { colour: lightness(ink.colour) > 0.5 ? BLACK : WHITE, chosen: true };
}

/** Luma of ITU-R BT.601. */
export function lightness([red, green, blue]: Colour): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function isEdge({ width, height }: Raster): (x: number, y: number) => boolean {
  return (x, y) => x === 0 || y === 0 || x === width - 1 || y === height - 1;
}

/** The mean of some pixels' colours, weighted by alpha, and their mean alpha. */
function meanColour(
  { width, height, rgba }: Raster,
  counts: (x: number, y: number) => boolean,
): { colour: Colour; alpha: number } | undefined {
  const sums = [0, 0, 0];
  let alphaSum = 0;
  let count = 0;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      if (!counts(x, y)) continue;
      const alpha = rgba[at + 3] ?? 0;
      for (let part = 0; part < 3; part++) sums[part] += alpha * (rgba[at + part] ?? 0);
      alphaSum += alpha;
      count++;
    }
  }
  if (alphaSum === 0) return undefined;
  const [red = 0, green = 0, blue = 0] = sums.map((sum) => sum / (255 * alphaSum));
  return { colour: [red, green, blue], alpha: alphaSum / (255 * count) };
}
