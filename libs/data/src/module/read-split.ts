import type { Split } from '../data-set.js';
import { dataInvalid } from './data-invalid.js';
import { readRange, type HalfSource } from './read-range.js';

/** Most samples of one call of `read`. */
const SAMPLES_PER_READ = 1000;

/**
 * Reads half of a module's data set, range by range. The first and the last range are read again, in two
 * parts each: every sample must come out the same.
 *
 * @throws LockstepError `data-invalid`
 */
export async function readSplit(source: HalfSource): Promise<Split> {
  const { count } = source.definition[source.half];
  const end = (from: number): number => Math.min(from + SAMPLES_PER_READ, count);
  const first = await readRange(source, 0, end(0));
  const split = allocate(first, count, source.file);
  put(first, split, 0, source);
  for (let from = end(0); from < count; from += SAMPLES_PER_READ) {
    put(await readRange(source, from, end(from)), split, from, source);
  }
  await readAgain(split, 0, end(0), source);
  if (count > end(0)) await readAgain(split, count - SAMPLES_PER_READ, count, source);
  return split;
}

/** Arrays for `count` samples, of the types of `first`. */
function allocate(first: Split, count: number, file: string): Split {
  const inputLength = (first.inputs.length / first.count) * count;
  const targetLength = (first.targets.length / first.count) * count;
  const isBytes = first.inputs instanceof Uint8Array;
  const isLabels = first.targets instanceof Int32Array;
  try {
    const inputs = isBytes ? new Uint8Array(inputLength) : new Float32Array(inputLength);
    const targets = isLabels ? new Int32Array(targetLength) : new Float32Array(targetLength);
    return { count, inputs, targets };
  } catch (cause) {
    const gibibytes = ((isBytes ? 1 : 4) * inputLength + 4 * targetLength) / 2 ** 30;
    throw dataInvalid(file, `${count} samples need ${gibibytes.toFixed(1)} GiB of memory`, {
      remedy: 'A data set is held in memory: define fewer samples, or give pictures as bytes.',
      cause,
    });
  }
}

function put(range: Split, split: Split, from: number, { file, half }: HalfSource): void {
  if (range.inputs.constructor !== split.inputs.constructor) {
    throw dataInvalid(
      file,
      `${half}.read gives bytes in one range and other numbers from sample ${from} on`,
    );
  }
  split.inputs.set(range.inputs, (split.inputs.length / split.count) * from);
  split.targets.set(range.targets, (split.targets.length / split.count) * from);
}

async function readAgain(
  split: Split,
  from: number,
  to: number,
  source: HalfSource,
): Promise<void> {
  const middle = Math.ceil((from + to) / 2);
  await compare(split, from, middle, source);
  if (middle < to) await compare(split, middle, to, source);
}

/** @throws LockstepError `data-invalid` where a sample comes out otherwise than before */
async function compare(split: Split, from: number, to: number, source: HalfSource): Promise<void> {
  const again = await readRange(source, from, to);
  for (let n = 0; n < again.count; n++) {
    const isSame = (['inputs', 'targets'] as const).every((part) =>
      sampleBytes(again, part, n).equals(sampleBytes(split, part, from + n)),
    );
    if (isSame) continue;
    throw dataInvalid(source.file, `two reads of sample ${from + n} of ${source.half} differ`, {
      remedy:
        'A sample is the same in every read, whatever the range: use a fixed seed per sample.',
    });
  }
}

function sampleBytes(split: Split, part: 'inputs' | 'targets', sample: number): Buffer {
  const { buffer, byteOffset, byteLength } = split[part];
  const size = byteLength / split.count;
  return Buffer.from(buffer, byteOffset + sample * size, size);
}
