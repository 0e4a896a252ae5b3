import { lightness, WHITE, type Colour, type Raster } from '@lockstep/data';

/** What a picture is drawn on. */
export interface Paper {
  readonly colour: Colour;
  /** Whether it shows only where the picture is transparent, and had to be chosen. */
  readonly chosen: boolean;
}

const BLACK: Colour = [0, 0, 0];

/**
 * The paper is what a picture's edge shows. Where the edge is mostly transparent, it is white for dark
 * ink and black for light ink, so that ink and paper can be told apart.
 *
 * @returns undefined when every pixel is transparent
 */
export function paperOf(raster: Raster): Paper | undefined {
  const edge = meanColour(raster, 'edge');
  if (edge && edge.alpha >= 0.5) return { colour: edge.colour, chosen: false };
  const ink = meanColour(raster, 'all');
  return ink && { colour: lightness(ink.colour) > 127.5 ? BLACK : WHITE, chosen: true };
}

/** The mean of some pixels' colours, weighted by alpha, and their mean alpha, in [0, 1]. */
function meanColour(
  { width, height, channels, pixels }: Raster,
  part: 'edge' | 'all',
): { colour: Colour; alpha: number } | undefined {
  const sums = [0, 0, 0];
  let alphaSum = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    const isInner = part === 'edge' && y > 0 && y < height - 1;
    const step = isInner ? Math.max(1, width - 1) : 1;
    for (let x = 0; x < width; x += step) {
      const at = channels * (y * width + x);
      const alpha = channels === 4 ? pixels[at + 3] : 255;
      for (let colour = 0; colour < 3; colour++) sums[colour] += alpha * pixels[at + colour];
      alphaSum += alpha;
      count++;
    }
  }
  if (alphaSum === 0) return undefined;
  const [red = 0, green = 0, blue = 0] = sums.map((sum) => sum / alphaSum);
  return { colour: [red, green, blue], alpha: alphaSum / (255 * count) };
}
