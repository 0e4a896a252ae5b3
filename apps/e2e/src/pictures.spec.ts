import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockstep } from './harness/lockstep.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { mnistDigit } from './harness/small-data.js';
import { finished, startTraining } from './harness/train.js';

const SIDE = 28;
const MODEL = `import { defineModel, dense, flatten } from 'lockstep';
export default defineModel({ name: 'small', layers: [flatten(), dense({ units: 'classes' })] });
`;

let sandbox: Sandbox;
const undo: (() => void)[] = [];

/** Digits as PNG files by class, and the same ones in the same order as idx files. */
beforeAll(() => {
  sandbox = createSandbox((each) => undo.push(each));
  write('net.ts', Buffer.from(MODEL));
  for (const [folder, stem, count] of [
    ['train', 'train', 200],
    ['test', 't10k', 60],
  ] as const) {
    const half = Array.from({ length: count }, (_, i) => mnistDigit(stem, i));
    half.sort((a, b) => a.label - b.label);
    half.forEach(({ label, pixels }, i) => {
      write(`png/${folder}/${label}/${String(i).padStart(4, '0')}.png`, encodePng(pixels));
    });
    const images = Buffer.concat(half.map(({ pixels }) => pixels));
    write(`idx/${stem}-images-idx3-ubyte`, idx([half.length, SIDE, SIDE], images));
    const labels = Buffer.from(half.map(({ label }) => label));
    write(`idx/${stem}-labels-idx1-ubyte`, idx([half.length], labels));
  }
});
afterAll(() => undo.forEach((each) => each()));

describe('a folder of pictures', () => {
  const train = (data: string, workers: number) =>
    startTraining(sandbox, [
      ...['--data', join(sandbox.folder, data), '--model', join(sandbox.folder, 'net.ts')],
      ...['--steps', '6', '--batch', '20', '--shard-size', '5', '--workers', String(workers)],
    ]);

  it('gives the weights of the same samples as idx files, with 1, 2 and 4 workers', async () => {
    const weights = await finished(train('idx', 2));
    for (const workers of [1, 2, 4]) expect(await finished(train('png', workers))).toBe(weights);
  });

  it('is predicted as its test set was evaluated', async () => {
    const run = train('png', 1);
    await finished(run);
    const { runId, testAccuracy } = await run.event('run-finished');
    const test = join(sandbox.folder, 'png', 'test');
    const args = ['predict', runId, test, '--csv', '--out', sandbox.runs];
    const { stdout } = await lockstep(sandbox, args);
    const [head, ...rows] = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(head).toEqual(['source', 'class', ...Array.from({ length: 10 }, (_, i) => String(i))]);
    const correct = rows.filter(([source, found]) => dirname(source).endsWith(`/${found}`));
    expect(rows).toHaveLength(60);
    expect(correct.length / rows.length).toBeCloseTo(testAccuracy ?? NaN, 10);
  });
});

function encodePng(pixels: Uint8Array): Buffer {
  const png = new PNG({ width: SIDE, height: SIDE });
  pixels.forEach((value, i) => png.data.set([value, value, value, 255], 4 * i));
  return PNG.sync.write(png);
}

function idx(shape: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([8, shape.length], 2);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, values]);
}

function write(name: string, bytes: Uint8Array): void {
  const path = join(sandbox.folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
