/** A decoded picture. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  /** [height · width · channels], red, green, blue and, with four channels, alpha; 0–255 */
  readonly pixels: Uint8Array;
}

/** A picture without transparent parts, grey or in colours. */
export interface OpaquePicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** [height · width · channels], 0–255 */
  readonly pixels: Uint8Array;
}

/** A colour of three parts, each 0–255. */
export type Colour = readonly [red: number, green: number, blue: number];

export const WHITE: Colour = [255, 255, 255];

/** Lays a picture on paper, which shows where the picture is transparent. */
export function flattenOn(paper: Colour, { channels, pixels, ...size }: Raster): OpaquePicture {
  if (channels === 3) return { ...size, channels, pixels };
  const flat = new Uint8Array(size.width * size.height * 3);
  for (let from = 0, to = 0; to < flat.length; from += 4, to += 3) {
    const alpha = pixels[from + 3];
    for (let part = 0; part < 3; part++) {
      const ink = alpha * pixels[from + part] + (255 - alpha) * paper[part];
      flat[to + part] = Math.round(ink / 255);
    }
  }
  return { ...size, channels: 3, pixels: flat };
}

/** Whether red, green and blue are equal in every pixel. */
export function isGrey({ channels, pixels }: OpaquePicture): boolean {
  if (channels === 1) return true;
  for (let at = 0; at < pixels.length; at += 3) {
    if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return false;
  }
  return true;
}

/** The picture in one channel of lightness. */
export function toGrey(picture: OpaquePicture): OpaquePicture {
  const { width, height, channels, pixels } = picture;
  if (channels === 1) return picture;
  const grey = new Uint8Array(width * height);
  for (let from = 0, to = 0; to < grey.length; from += 3, to++) {
    grey[to] = Math.round(lightness([pixels[from], pixels[from + 1], pixels[from + 2]]));
  }
  return { width, height, channels: 1, pixels: grey };
}

/** Luma of ITU-R BT.601, 0–255; of a grey exactly its value. */
export function lightness([red, green, blue]: Colour): number {
  return red === green && green === blue ? red : 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Grey values as three equal channels. */
export function inThreeChannels(grey: Uint8Array): Uint8Array {
  const wide = new Uint8Array(3 * grey.length);
  for (let i = 0; i < grey.length; i++) wide.fill(grey[i], 3 * i, 3 * i + 3);
  return wide;
}
