import { defaultRecipe, type RunSpec } from '@lockstep/core';
import { dataSpec, loadDataSet } from '@lockstep/data';
import { startEngine, type Engine } from '@lockstep/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallSpec } from '@lockstep/core/testing';
import type { PredictAnswer } from './schemas.js';
import { ask, post, problem, startServer, type Started } from '../testing/server.js';

/** The tutorial's network at version 0, in a real engine. */
let engine: Engine;
let spec: RunSpec;

beforeAll(async () => {
  engine = await startEngine({ threads: 1 });
  const data = dataSpec(await loadDataSet('mnist'));
  const described = { model: 'mnist-cnn', data, batch: 100, shardSize: 25 };
  const model = await engine.run('describeModel', described);
  const { optimizer } = defaultRecipe;
  spec = smallSpec({ model, data, batch: 100, shardSize: 25, keepProb: 0.5, optimizer });
  await engine.run('prepare', { spec, model: 'mnist-cnn' });
  await engine.run('initialise', undefined);
});
afterAll(() => engine.close());

const start = (): Promise<Started> => startServer({ spec, data: 'mnist', engine });
const seven = async (url: string): Promise<number[]> => {
  const { body } = await ask(url, '/api/test-digits/0');
  return (body as { pixels: number[] }).pixels;
};

describe('the model', () => {
  it('is described layer by layer', async () => {
    const { url } = await start();
    const { status, body } = await ask(url, '/api/model');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'mnist-cnn',
      imageShape: [28, 28, 1],
      classCount: 10,
      parameterCount: 3_274_634,
    });
    const { layers } = body as { layers: { name: string; explanation: string }[] };
    expect(layers.map(({ explanation }) => explanation).join(' ')).toBe(
      'conv2d relu maxPool2d conv2d relu maxPool2d flatten dense relu dropout output',
    );
    expect(layers[0]).toMatchObject({
      receptiveField: { rows: { size: 5, stride: 1, offset: -2 } },
    });
    expect(layers[10]).toMatchObject({ receptiveField: null, outputShape: [10] });
  });

  it('has histograms and filters', async () => {
    const { url } = await start();
    const histograms = await ask(url, '/api/model/histograms');
    expect(histograms.body).toMatchObject({ version: 0 });
    const { parameters } = histograms.body as { parameters: { gradient: null }[] };
    expect(parameters).toHaveLength(8);
    expect(parameters[4]).toMatchObject({ size: 3_211_264, sampled: 65_536, gradient: null });
    const filters = await ask(url, '/api/model/filters');
    expect(filters.body).toMatchObject({
      filters: { layer: 'conv1', height: 5, width: 5, channels: 1, filterCount: 32 },
    });
  });
});

describe('a prediction', () => {
  it('accepts pixels from 0 to 1 or to 255', async () => {
    const { url } = await start();
    const pixels = await seven(url);
    const bytes = await post(url, '/api/predict', { pixels });
    const shares = await post(url, '/api/predict', { pixels: pixels.map((pixel) => pixel / 255) });
    expect(bytes.status).toBe(200);
    expect(shares.body).toEqual(bytes.body);
    const { digit, probabilities } = bytes.body as PredictAnswer;
    expect(probabilities).toHaveLength(10);
    expect(probabilities[digit]).toBe(Math.max(...probabilities));
    expect(probabilities.reduce((sum, each) => sum + each)).toBeCloseTo(1, 5);
    expect(bytes.body).not.toHaveProperty('activations');
  });

  it('returns every layer’s activations, one byte per value', async () => {
    const { url } = await start();
    const { body } = await post(url, '/api/predict', {
      ...{ pixels: await seven(url), activations: true, dropout: true },
    });
    const { activations = [] } = body as PredictAnswer;
    expect(activations.map(({ layer }) => layer).join(' ')).toBe(
      'conv1 relu1 pool1 conv2 relu2 pool2 fc1 relu3 dropout1 fc2',
    );
    for (const { shape, levels, low, high } of activations) {
      const bytes = Buffer.from(levels, 'base64');
      expect(bytes).toHaveLength(shape.reduce((product, size) => product * size, 1));
      expect(Math.max(...bytes)).toBe(high > 0 ? 255 : Math.max(...bytes));
      expect(low).toBeLessThanOrEqual(0);
    }
    const zeros = [...Buffer.from(activations[8].levels, 'base64')].filter((level) => level === 0);
    expect(zeros.length).toBeGreaterThan(400);
  });

  const all = (value: unknown): unknown[] => new Array(784).fill(value);

  it.each([
    ['too few pixels', { pixels: [0.5] }, /784 pixels, \[28, 28, 1\], not 1/],
    ['pixels below 0', { pixels: all(-1) }, /pixels.*and 779 more/],
    ['pixels above 255', { pixels: all(256) }, /pixels/],
    ['pixels that are no numbers', { pixels: all('7') }, /pixels/],
    ['a wrong switch', { pixels: all(0), dropout: 'yes' }, /dropout/],
    ['an unknown field', { pixels: all(0), colour: 1 }, /colour/],
    ['nothing', {}, /pixels/],
  ])('is refused for %s', async (_what, body, message) => {
    const { url } = await start();
    const refused = await post(url, '/api/predict', body);
    expect([refused.status, refused.body]).toEqual([400, problem('bad-request')]);
    expect((refused.body as { error: { message: string } }).error.message).toMatch(message);
  });
});

describe('the test set', () => {
  it('is returned image by image', async () => {
    const { url } = await start();
    const { body } = await ask(url, '/api/test-digits/0');
    expect(body).toMatchObject({ index: 0, count: 10_000, label: 7, shape: [28, 28, 1] });
    expect(await seven(url)).toHaveLength(784);
    for (const index of ['10000', '-1', 'seven']) {
      const refused = await ask(url, `/api/test-digits/${index}`);
      expect([refused.status, refused.body]).toEqual([400, problem('bad-request')]);
    }
  });

  it('has a report once it has been evaluated', async () => {
    const { url, run } = await start();
    expect((await ask(url, '/api/evaluation')).body).toMatchObject({
      ...{ versions: [], version: null, confusion: [], mistakes: [] },
    });
    // Every image is classified as a seven, with a confidence that grows with its index.
    const testCount = 10_000;
    for (const version of [100, 200]) {
      run.finished.push({
        ...{
          version,
          testAccuracy: 1028 / testCount,
          testLoss: 1 / testCount,
          metrics: { accuracy: 1028 / testCount },
        },
        predictions: new Uint16Array(testCount).fill(7),
        confidences: Float32Array.from({ length: testCount }, (_, index) => index / testCount),
      });
    }
    const { body } = await ask(url, '/api/evaluation?mistakes=2');
    expect(body).toMatchObject({ versions: [100, 200], version: 200, testAccuracy: 0.1028 });
    const report = body as { confusion: number[][]; classes: object[]; mistakes: object[] };
    expect(report.confusion[7]).toEqual([0, 0, 0, 0, 0, 0, 0, 1028, 0, 0]);
    expect(report.classes[7]).toEqual({ label: 7, count: 1028, correctCount: 1028, accuracy: 1 });
    expect(report.mistakes).toEqual([
      { index: 9999, label: 6, predicted: 7, confidence: expect.closeTo(0.9999, 5) as number },
      { index: 9998, label: 5, predicted: 7, confidence: expect.closeTo(0.9998, 5) as number },
    ]);
    const ones = await ask(url, '/api/evaluation?version=100&label=1&predicted=7');
    expect(ones.body).toMatchObject({ version: 100, mistakeCount: 8972 });
    const { mistakes } = ones.body as { mistakes: { label: number }[] };
    expect(new Set(mistakes.map(({ label }) => label))).toEqual(new Set([1]));
    expect((await ask(url, '/api/evaluation?version=50')).status).toBe(400);
  });
});
