import { readFile } from 'node:fs/promises';
import { LockstepError, messageOf } from '@lockstep/core';
import { describeContent } from '@lockstep/data';
import { PNG } from 'pngjs';

/** A picture's pixels. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** [height · width · 4], red, green, blue and alpha, 0–255 */
  readonly rgba: Uint8Array;
  /** As the file stores it, for people: `8-bit grey`. */
  readonly format: string;
}

const LARGEST_SIDE = 4096;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Signature, and the header's chunk up to its colour type. */
const HEADER_BYTES = 26;
/** Deflate makes at most 1032 bytes of one (zlib's technical notes). */
const MAX_RATIO = 1032;

/**
 * Reads a PNG file of any colour type and depth, interlaced or not; more than 8 bits are rounded.
 *
 * @throws LockstepError `image-unreadable`, naming what the file is instead
 */
export async function readPng(path: string): Promise<Raster> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, whyNotRead(cause), 'give the path of a PNG file', cause);
  });
  if (SIGNATURE.some((byte, at) => bytes[at] !== byte)) throw await notPng(path, bytes);
  const format = checkHeader(path, bytes);
  try {
    const { width, height, data } = PNG.sync.read(withoutTrailer(bytes));
    return { width, height, rgba: data, format };
  } catch (cause) {
    const reason = messageOf(cause);
    throw damaged(path, `its PNG data cannot be read (${reason})`, cause);
  }
}

const colourTypes: Readonly<Record<number, { readonly name: string; readonly samples: number }>> = {
  0: { name: 'grey', samples: 1 },
  2: { name: 'RGB', samples: 3 },
  3: { name: 'palette', samples: 1 },
  4: { name: 'grey with alpha', samples: 2 },
  6: { name: 'RGB with alpha', samples: 4 },
};

/** Checked before memory is taken for the pixels. @returns the format, for people */
function checkHeader(path: string, bytes: Buffer): string {
  if (bytes.length < HEADER_BYTES) throw damaged(path, 'it ends within its PNG header');
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const depth = bytes[24] ?? 0;
  const type = colourTypes[bytes[25] ?? -1];
  if (type === undefined || width === 0 || height === 0) {
    throw damaged(path, 'its PNG header makes no sense');
  }
  if (Math.max(width, height) > LARGEST_SIDE) {
    const size = `it is ${width}×${height} pixels, more than ${LARGEST_SIDE} high or wide`;
    throw unreadable(path, size, 'scale it down');
  }
  if ((width * height * type.samples * depth) / 8 > bytes.length * MAX_RATIO) {
    throw damaged(path, `${bytes.length} bytes cannot hold its ${width}×${height} pixels`);
  }
  return `${depth}-bit ${type.name}`;
}

/** Some programs append to a PNG what is none of it. */
function withoutTrailer(bytes: Buffer): Buffer {
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return bytes.subarray(0, end);
    at = end;
  }
  return bytes;
}

async function notPng(path: string, bytes: Buffer): Promise<LockstepError> {
  const { kind, words } = await describeContent(bytes);
  const remedy =
    kind === 'picture'
      ? 'save it as PNG, or convert it, for example by `magick PICTURE picture.png`'
      : 'give a PNG picture of one sample';
  return unreadable(path, `it is ${words}; predict reads PNG`, remedy);
}

function whyNotRead(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder, not a picture';
  return `it cannot be read: ${messageOf(cause)}`;
}

const damaged = (path: string, reason: string, cause?: unknown): LockstepError =>
  unreadable(path, reason, 'save or copy the picture again', cause);

function unreadable(path: string, reason: string, remedy: string, cause?: unknown): LockstepError {
  return new LockstepError('image-unreadable', `${path}: ${reason}`, { remedy, cause });
}
