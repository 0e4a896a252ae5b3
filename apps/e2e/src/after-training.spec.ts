import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnxRuntime, predictByOnnx } from '@lockstep/export/testing';
import { loadTensorFlow } from '@lockstep/runtime';
import type { Tensor } from '@tensorflow/tfjs-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockstep, type EventNamed } from './harness/lockstep.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { testDigit } from './harness/small-data.js';
import { finished, startTraining } from './harness/train.js';

const SIDE = 28;
const STEPS = 50;
const BAD_INPUT = 2;

let sandbox: Sandbox;
let end: EventNamed<'run-finished'>;
const undo: (() => void)[] = [];

beforeAll(async () => {
  sandbox = createSandbox((each) => undo.push(each));
  const size = ['--steps', String(STEPS), '--batch', '50', '--shard-size', '25', '--workers', '2'];
  const run = startTraining(sandbox, size);
  await finished(run);
  end = await run.event('run-finished');
});
afterAll(() => undo.forEach((each) => each()));

describe('a trained run', () => {
  it('has learnt, and `evaluate` gives its test accuracy again', async () => {
    expect(end.testAccuracy).toBeGreaterThan(0.5);
    const { stdout, stderr } = await ask('evaluate', end.runId);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      runId: end.runId,
      step: STEPS,
      testAccuracy: end.testAccuracy,
    });
  });

  it('predicts from a PNG like the saved Keras model, which tfjs-node opens', async () => {
    const { tf } = await loadTensorFlow({ threads: 1, backend: 'native' });
    const { loadLayersModel } = await import('@tensorflow/tfjs-node');
    const model = await loadLayersModel(`file://${join(end.model, 'model.json')}`);
    const answers: boolean[] = [];
    for (const index of [0, 1]) {
      const { pixels, label } = testDigit(index);
      const { stdout } = await ask(
        'predict',
        end.runId,
        writeFile(`${index}.png`, encodePng(pixels)),
      );
      const { digit } = JSON.parse(stdout) as { digit: number };
      const image = tf.tensor(
        Float32Array.from(pixels, (value) => value / 255),
        [1, SIDE, SIDE, 1],
      );
      const scores = model.predict(image) as Tensor;
      expect(digit).toBe((await tf.argMax(scores, 1).data())[0]);
      answers.push(digit === label);
    }
    expect(answers).toContain(true);
  });

  it('is exported to TensorFlow.js and ONNX, and predicts there as `predict`', async ({ skip }) => {
    const onnx = await onnxRuntime();
    if ('missing' in onnx) return skip(`ONNX Runtime cannot be installed: ${onnx.missing}`);
    const { pixels } = testDigit(0);
    const picture = await ask('predict', end.runId, writeFile('0.png', encodePng(pixels)));
    const { probabilities } = JSON.parse(picture.stdout) as { probabilities: number[] };
    const input = {
      values: Float32Array.from(pixels, (value) => value / 255),
      shape: [1, SIDE, SIDE, 1],
    };
    const paths = { tfjs: join(sandbox.folder, 'exported'), onnx: join(sandbox.folder, 'm.onnx') };
    for (const [format, path] of Object.entries(paths)) {
      const { stdout } = await ask('export', end.runId, '--format', format, '--to', path);
      const { runId } = end;
      expect(JSON.parse(stdout)).toEqual({ event: 'exported', runId, step: STEPS, format, path });
    }
    const { loadLayersModel, tensor } = await import('@tensorflow/tfjs-node');
    const model = await loadLayersModel(`file://${join(paths.tfjs, 'model.json')}`);
    const byTfjs = model.predict(tensor(input.values, input.shape)) as Tensor;
    const byOnnx = await predictByOnnx(onnx.onnx, { path: paths.onnx, ...input });
    for (const found of [byTfjs.dataSync(), byOnnx]) {
      expect(found).toHaveLength(probabilities.length);
      found.forEach((value, i) => expect(value).toBeCloseTo(probabilities[i] ?? NaN, 5));
    }
  });

  it('is not exported to an unknown format', async () => {
    const { code, stderr } = await ask('export', end.runId, '--format', 'onxx');
    expect(code).toBe(BAD_INPUT);
    expect(stderr).toContain('must be one of tfjs, keras, onnx');
  });

  it.each([
    ['no picture', () => join(sandbox.folder, 'absent.png')],
    ['no PNG', () => writeFile('text.png', 'I am no picture')],
    ['a torn PNG', () => writeFile('torn.png', encodePng(testDigit(0).pixels).subarray(0, 120))],
  ])('refuses %s by name', async (_what, picture) => {
    const { code, stderr } = await ask('predict', end.runId, picture());
    expect(code).toBe(BAD_INPUT);
    expect(stderr).toContain('image-unreadable');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('lockstep doctor', () => {
  const topics = ['tensorflow', 'redis', 'data mnist', 'data fashion-mnist'];

  it('lists what this machine has, as text', async () => {
    const { code, stdout } = await lockstep(sandbox, ['doctor']);
    expect(code).toBe(0);
    for (const topic of topics) expect(stdout).toMatch(new RegExp(`^[✓!] ${topic} `, 'm'));
  });

  it('lists it for programs', async () => {
    const { stdout } = await lockstep(sandbox, ['doctor', '--json']);
    const findings = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { topic: string; status: string; detail: string });
    const found = findings.map(({ topic }) => topic);
    for (const topic of topics) expect(found).toContain(topic);
    expect(findings.find(({ topic }) => topic === 'tensorflow')).toMatchObject({ status: 'ok' });
  });
});

function ask(...args: string[]): ReturnType<typeof lockstep> {
  return lockstep(sandbox, [...args, '--out', sandbox.runs, '--json']);
}

function writeFile(name: string, content: string | Uint8Array): string {
  const path = join(sandbox.folder, name);
  writeFileSync(path, content);
  return path;
}

/** @param pixels [28 · 28], 0–255 */
function encodePng(pixels: Uint8Array): Buffer {
  const png = new PNG({ width: SIDE, height: SIDE });
  pixels.forEach((value, i) => png.data.set([value, value, value, 255], 4 * i));
  return PNG.sync.write(png);
}
