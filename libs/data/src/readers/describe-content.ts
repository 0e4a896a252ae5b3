import { fileTypeFromBuffer, type FileTypeResult } from 'file-type/core';

/** The format of a file's bytes, independent of its name. */
export interface Content {
  readonly kind: 'empty' | 'idx' | 'web-page' | 'archive' | 'picture' | 'table' | 'text' | 'binary';
  /** To follow "is": `an HTML page`. */
  readonly words: string;
}

/** Enough bytes for every format recognised here. */
const HEAD_BYTES = 8192;

/** Detects a file's format by its first bytes, for messages. */
export async function describeContent(bytes: Uint8Array): Promise<Content> {
  if (bytes.length === 0) return { kind: 'empty', words: 'empty' };
  const head = bytes.subarray(0, HEAD_BYTES);
  const known = signatures.find(({ first }) => first.every((byte, at) => head[at] === byte));
  if (known) return known;
  const text = asText(head);
  const written = text === undefined ? undefined : describeText(text);
  if (written) return written;
  // Its byte order mark looks like the beginning of an MP3.
  if (text !== undefined && isUtf16(head)) return PLAIN_TEXT;
  // A file that is cut short makes the detector fail.
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (found) return describeType(found);
  return text === undefined
    ? { kind: 'binary', words: 'binary data of an unknown format' }
    : PLAIN_TEXT;
}

const PLAIN_TEXT: Content = { kind: 'text', words: 'plain text' };

const isUtf16 = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xfe;

/** Formats of this field that the detector does not know. */
const signatures: readonly (Content & { readonly first: readonly number[] })[] = [
  { first: [0, 0, 0x08], kind: 'idx', words: 'an idx file of bytes' },
  { first: [0, 0, 0x0c], kind: 'idx', words: 'an idx file of 32-bit integers' },
  { first: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], kind: 'table', words: 'a NumPy array' },
  { first: [0x89, 0x48, 0x44, 0x46], kind: 'table', words: 'an HDF5 file' },
];

const typeWords: Readonly<Record<string, Content>> = {
  jpg: { kind: 'picture', words: 'a JPEG picture' },
  png: { kind: 'picture', words: 'a PNG picture' },
  apng: { kind: 'picture', words: 'an animated PNG picture' },
  gif: { kind: 'picture', words: 'a GIF picture' },
  webp: { kind: 'picture', words: 'a WebP picture' },
  bmp: { kind: 'picture', words: 'a BMP picture' },
  tif: { kind: 'picture', words: 'a TIFF picture' },
  heic: { kind: 'picture', words: 'a HEIC picture' },
  avif: { kind: 'picture', words: 'an AVIF picture' },
  zip: { kind: 'archive', words: 'a ZIP archive' },
  tar: { kind: 'archive', words: 'a tar archive' },
  'tar.gz': { kind: 'archive', words: 'a gzipped tar archive' },
  gz: { kind: 'archive', words: 'a gzip file' },
  bz2: { kind: 'archive', words: 'a bzip2 file' },
  xz: { kind: 'archive', words: 'an xz file' },
  zst: { kind: 'archive', words: 'a Zstandard file' },
  '7z': { kind: 'archive', words: 'a 7-Zip archive' },
  rar: { kind: 'archive', words: 'a RAR archive' },
  pdf: { kind: 'binary', words: 'a PDF document' },
  parquet: { kind: 'table', words: 'a Parquet table' },
  xml: { kind: 'text', words: 'an XML document' },
};

function describeType({ ext, mime }: FileTypeResult): Content {
  const kind = mime.startsWith('image/') ? 'picture' : 'binary';
  return typeWords[ext] ?? { kind, words: `a file of type ${mime}` };
}

function describeText(text: string): Content | undefined {
  const start = text.trimStart();
  if (/^(<!doctype html|<html|<head|<body)/i.test(start) || /<html[\s>]/i.test(start)) {
    return { kind: 'web-page', words: 'an HTML page' };
  }
  if (/^(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg[\s>]/i.test(start)) {
    return { kind: 'picture', words: 'an SVG drawing' };
  }
  if (/^[{[]/.test(start)) return { kind: 'web-page', words: 'JSON text' };
  if (start.startsWith('version https://git-lfs')) {
    return { kind: 'text', words: 'a Git LFS pointer: the file itself was not fetched' };
  }
  const [line = ''] = start.split('\n');
  return line.split(/[,;\t]/).length > 2 ? { kind: 'table', words: 'a CSV table' } : undefined;
}

/** The bytes as text in UTF-8 or UTF-16; undefined where they are none. */
function asText(bytes: Uint8Array): string | undefined {
  try {
    const encoding = isUtf16(bytes) ? 'utf-16le' : 'utf-8';
    const decoder = new TextDecoder(encoding, { fatal: true });
    // The end may lie within a character.
    const text = decoder.decode(bytes, { stream: true });
    // Control characters tell binary data from text.
    return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
