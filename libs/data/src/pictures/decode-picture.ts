import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '@lockstep/core';
import type { SharpConstructor } from 'sharp';
import { describeContent, type Content } from '../readers/describe-content.js';
import type { Raster } from './raster.js';
import { UnusablePicture } from './unusable-picture.js';

/** A picture as its file holds it. */
export interface DecodedPicture extends Raster {
  /** For people: `PNG`. */
  readonly format: string;
}

/** A larger file is not read. */
const MOST_BYTES = 2 ** 28;
/** A larger picture is not decoded: 8192 × 8192. */
const MOST_PIXELS = 2 ** 26;

const FORMATS = ['PNG', 'animated PNG', 'JPEG', 'WebP', 'GIF', 'TIFF', 'AVIF'];
const DECODED = 'PNG, JPEG, WebP, GIF, TIFF and AVIF are read';

/**
 * Decodes a picture of any of these formats, recognised by its content, to 8 bits per channel (of 16 the
 * upper ones). The first frame of several; turned upright as its EXIF data say; colour profiles are
 * ignored, as by PIL.
 *
 * @throws UnusablePicture
 */
export async function decodePicture(path: string): Promise<DecodedPicture> {
  const bytes = await readBytes(path);
  const content = await describeContent(bytes);
  const format = content.words.replace(/^an? | picture$/g, '');
  if (!FORMATS.includes(format)) throw notDecoded(path, content);
  const sharp = await decoder(path);
  try {
    const picture = sharp(bytes, { limitInputPixels: MOST_PIXELS, ignoreIcc: true }).autoOrient();
    const { data, info } = await picture
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    if (channels !== 3 && channels !== 4) throw new Error(`it has ${channels} channels`);
    return { width, height, channels, pixels: data, format };
  } catch (cause) {
    throw undecodable(path, format, messageOf(cause), cause);
  }
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new UnusablePicture(path, 'it is a folder', GIVE);
    if (!found.isFile()) throw new UnusablePicture(path, 'it is not a file', GIVE);
    if (found.size > MOST_BYTES) throw tooLarge(path, `it has ${found.size} bytes`, MOST_BYTES);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof UnusablePicture) throw cause;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    const reason = isMissing ? 'there is no such file' : `it cannot be read: ${messageOf(cause)}`;
    throw new UnusablePicture(path, reason, isMissing ? GIVE : 'let this user read it', cause);
  }
}

const GIVE = 'give the path of a picture';

const tooLarge = (path: string, what: string, most: number): UnusablePicture =>
  new UnusablePicture(path, `${what}, more than the ${most} read`, 'scale it down');

/** @returns the library, which is loaded when the first picture is decoded */
async function decoder(path: string): Promise<SharpConstructor> {
  try {
    const { default: sharp } = await import('sharp');
    // Every file is decoded once, and several files at once: neither a cache nor threads per picture help.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  } catch (cause) {
    const [line] = messageOf(cause).split('\n');
    throw new UnusablePicture(
      path,
      `the package sharp, which decodes it, cannot be loaded: ${line}`,
      'install the packages without omitting optional ones: npm install --include=optional',
      cause,
    );
  }
}

function notDecoded(path: string, { kind, words }: Content): UnusablePicture {
  return new UnusablePicture(path, `it is ${words}; ${DECODED}`, remedies[kind] ?? NO_PICTURE);
}

const NO_PICTURE = 'remove the file, or put a picture in its place';

const remedies: Partial<Record<Content['kind'], string>> = {
  empty: 'download or copy the picture again, or remove it',
  picture: 'convert it, for example by `magick PICTURE picture.png`',
  'web-page':
    'a page was probably saved instead of the picture: download the picture itself, or remove the file',
  archive: 'unpack it',
};

function undecodable(path: string, format: string, found: string, cause: unknown): UnusablePicture {
  if (found.includes('exceeds pixel limit')) {
    return tooLarge(path, 'it declares more pixels than are decoded', MOST_PIXELS);
  }
  // libvips' message may have several lines, the first of which says what failed.
  const [line] = found.split('\n');
  const isShort = /premature end|read error|unexpected end|truncated/i.test(found);
  const what = isShort ? 'is damaged or ends early' : 'cannot be decoded';
  return new UnusablePicture(
    path,
    `the ${format} data ${what} (${line})`,
    'download or copy the picture again, or remove it',
    cause,
  );
}
