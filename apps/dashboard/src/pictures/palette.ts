/** Colours for levels: level n is the n-th of 256 RGBA quadruples. */
export type Palette = Uint8ClampedArray<ArrayBuffer>;

type Rgb = readonly [red: number, green: number, blue: number];

interface Tints {
  /** The colour of zero. */
  readonly zero: Rgb;
  readonly positive: Rgb;
  readonly negative: Rgb;
  /** The colour of level 255 in images. */
  readonly ink: Rgb;
}

const light: Tints = {
  zero: [244, 245, 248],
  positive: [40, 52, 150],
  negative: [196, 84, 24],
  ink: [20, 24, 31],
};
const dark: Tints = {
  zero: [11, 13, 17],
  positive: [164, 177, 255],
  negative: [247, 158, 98],
  ink: [240, 243, 248],
};

/**
 * Colours for the levels of a range that contains 0: one tint for positive, another for negative
 * values, on the same scale. Small values are emphasised.
 */
export function signedPalette(
  { low, high }: { low: number; high: number },
  isDark: boolean,
): Palette {
  const { zero, positive, negative } = isDark ? dark : light;
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return fill((level) => {
    const value = low + (level / 255) * (high - low);
    return mix(zero, value < 0 ? negative : positive, (Math.abs(value) / most) ** 0.7);
  });
}

/** From background (0) to ink (255). */
export function inkPalette(isDark: boolean): Palette {
  const { zero, ink } = isDark ? dark : light;
  return fill((level) => mix(zero, ink, level / 255));
}

function fill(colour: (level: number) => Rgb): Palette {
  const palette = new Uint8ClampedArray(4 * 256);
  for (let level = 0; level < 256; level++) palette.set([...colour(level), 255], 4 * level);
  return palette;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const at = (n: 0 | 1 | 2): number => Math.round(from[n] + (to[n] - from[n]) * share);
  return [at(0), at(1), at(2)];
}
