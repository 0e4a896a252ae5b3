import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportModel } from './export-model.js';
import { kerasPackages, onnxRuntime, predictByKeras, predictByOnnx } from './testing/consumers.js';

type Layers = typeof TensorFlow.layers;
type Format = Parameters<typeof exportModel>[1];
type Build = (tf: typeof TensorFlow) => TensorFlow.LayersModel;

const SAMPLES = 3;
const MOST = 1e-5;

/** A model of layers in a row. */
const row =
  (inputShape: number[], make: (layers: Layers) => TensorFlow.layers.Layer[]): Build =>
  (tf) => {
    const input = tf.input({ shape: inputShape });
    const output = make(tf.layers).reduce(
      (x, layer) => layer.apply(x) as TensorFlow.SymbolicTensor,
      input,
    );
    return tf.model({ inputs: input, outputs: output });
  };

const image = [9, 8, 3];
const sequence = [7, 4];

const models: Record<string, Build> = {
  'convolutions with strides, dilations and paddings': row(image, (layers) => [
    layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.conv2d({ filters: 5, kernelSize: [2, 3], strides: 2, padding: 'same', useBias: false }),
    layers.zeroPadding2d({
      padding: [
        [2, 1],
        [3, 0],
      ],
    }),
    layers.conv2d({ filters: 6, kernelSize: 2, dilationRate: 2, padding: 'same' }),
    layers.conv2d({ filters: 3, kernelSize: 2, activation: 'tanh' }),
  ]),
  'depthwise, separable and transposed convolutions': row(image, (layers) => [
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }),
    layers.separableConv2d({ filters: 5, kernelSize: 2, depthMultiplier: 2, padding: 'same' }),
    layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }),
    layers.conv2dTranspose({ filters: 3, kernelSize: 2, strides: 3, activation: 'sigmoid' }),
    layers.upSampling2d({ size: [2, 1] }),
  ]),
  'poolings of images': row(image, (layers) => [
    layers.maxPooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
    layers.averagePooling2d({ poolSize: [3, 2], strides: 2, padding: 'same' }),
    layers.maxPooling2d({ poolSize: 2, strides: 1 }),
    layers.globalAveragePooling2d({}),
  ]),
  'layers of sequences': row(sequence, (layers) => [
    layers.conv1d({ filters: 5, kernelSize: 3, dilationRate: 2, padding: 'same' }),
    layers.conv1d({ filters: 6, kernelSize: 2, strides: 2, padding: 'same' }),
    layers.averagePooling1d({ poolSize: 2, strides: 1, padding: 'same' }),
    layers.maxPooling1d({ poolSize: 2, strides: 1 }),
    layers.globalMaxPooling1d({}),
    layers.repeatVector({ n: 3 }),
    layers.permute({ dims: [2, 1] }),
  ]),
  'recurrent layers': row(sequence, (layers) => [
    layers.lstm({ units: 5, returnSequences: true, recurrentActivation: 'sigmoid' }),
    layers.gru({ units: 4, returnSequences: true, recurrentActivation: 'sigmoid' }),
    layers.simpleRNN({ units: 6, returnSequences: true, useBias: false }),
    layers.lstm({ units: 3, recurrentActivation: 'sigmoid', activation: 'relu' }),
  ]),
  normalisations: row(image, (layers) => [
    layers.batchNormalization({}),
    layers.layerNormalization({ axis: [2, 3], epsilon: 0.01 }),
    layers.batchNormalization({ scale: false, axis: 1 }),
    layers.layerNormalization({ axis: 1, center: false }),
    layers.layerNormalization({ scale: false }),
  ]),
  'activations that are layers': row(image, (layers) => [
    layers.prelu({ sharedAxes: [1, 2] }),
    layers.leakyReLU({ alpha: 0.2 }),
    layers.elu(),
    layers.reLU({ maxValue: 0.9 }),
    layers.dropout({ rate: 0.5 }),
    layers.gaussianNoise({ stddev: 1 }),
    layers.softmax({ axis: -1 }),
  ]),
  'activations by name': row([6], (layers) =>
    (
      [
        ...['elu', 'relu6', 'selu', 'softplus', 'softsign', 'swish', 'mish', 'gelu', 'linear'],
        ...['logSoftmax', 'softmax', 'sigmoid', 'tanh', 'relu'],
      ] as const
    ).map((activation) => layers.dense({ units: 6, activation: activation as 'relu' })),
  ),
  'an embedding': row([5], (layers) => [
    layers.embedding({ inputDim: 4, outputDim: 6 }),
    layers.reshape({ targetShape: [5, 2, 3] }),
    layers.flatten(),
  ]),
  'branches of unequal length with layers of one shape': (tf) => {
    const input = tf.input({ shape: [4] });
    const dense = (x: TensorFlow.SymbolicTensor) =>
      tf.layers.dense({ units: 4, activation: 'tanh' }).apply(x) as TensorFlow.SymbolicTensor;
    const add = (...x: TensorFlow.SymbolicTensor[]) =>
      tf.layers.add().apply(x) as TensorFlow.SymbolicTensor;
    const first = add(dense(input), dense(dense(input)));
    return tf.model({ inputs: input, outputs: add(dense(dense(first)), dense(first), first) });
  },
  'branches, shared layers and models within the model': (tf) => {
    const input = tf.input({ shape: [6, 4] });
    const apply = (layer: TensorFlow.layers.Layer, ...x: TensorFlow.SymbolicTensor[]) =>
      layer.apply(x.length === 1 ? x[0] : x) as TensorFlow.SymbolicTensor;
    const inner = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [6, 4], name: 'same-name' }),
        tf.layers.activation({ activation: 'tanh' }),
      ],
    });
    const shared = tf.layers.dense({ units: 4 });
    const a = apply(shared, input);
    const b = apply(inner, apply(shared, a));
    const c = apply(inner, a);
    const sum = apply(tf.layers.add(), a, b, c);
    const product = apply(tf.layers.multiply(), sum, a);
    const most = apply(tf.layers.maximum(), product, b);
    const mean = apply(tf.layers.average(), most, apply(tf.layers.minimum(), a, b));
    const both = apply(tf.layers.concatenate({ axis: -1 }), mean, c);
    return tf.model({ inputs: input, outputs: apply(tf.layers.flatten(), both) });
  },
};

let tf: typeof TensorFlow;
let keras: Awaited<ReturnType<typeof kerasPackages>>;
let onnx: Awaited<ReturnType<typeof onnxRuntime>>;
let folder = '';
/** What Keras predicts, by the model's name. */
const byKeras = new Map<string, Float32Array>();

beforeAll(async () => {
  process.env['TF_CPP_MIN_LOG_LEVEL'] = '2';
  tf = await import('@tensorflow/tfjs-node');
  folder = mkdtempSync(join(tmpdir(), 'lockstep-export-'));
  onnx = await onnxRuntime();
  keras = await kerasPackages();
  if ('missing' in keras) return;
  const jobs = [];
  for (const [name, build] of Object.entries(models)) {
    const path = join(folder, `${jobs.length}.keras`);
    const model = prepared(build);
    await exportModel(model, 'keras', path);
    jobs.push({ path, name, ...inputOf(model) });
  }
  const predictions = await predictByKeras(keras.folder, jobs);
  jobs.forEach(({ name }, i) => byKeras.set(name, predictions[i]));
}, 900_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A model with weights, running statistics included, that are neither 0 nor 1. */
function prepared(build: Build): TensorFlow.LayersModel {
  const model = build(tf);
  model.setWeights(
    model.getWeights().map((weight, i) => {
      const random = tf.randomUniform(weight.shape, -0.7, 0.7, 'float32', i + 1);
      const isVariance = model.weights[i].originalName.endsWith('variance');
      return isVariance ? tf.add(tf.abs(random), 0.1) : random;
    }),
  );
  return model;
}

/** Fixed numbers from −1.5 to 2.5, whole ones among them. */
function inputOf(model: TensorFlow.LayersModel) {
  const shape = [SAMPLES, ...model.inputs[0].shape.slice(1).map(Number)];
  const isRows = model.layers.some((layer) => layer.getClassName() === 'Embedding');
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) =>
    isRows ? i % 4 : ((i * 37) % 41) / 10 - 1.5,
  );
  return { shape, values };
}

function predictionOf(model: TensorFlow.LayersModel): Float32Array {
  const { values, shape } = inputOf(model);
  return (model.predict(tf.tensor(values, shape)) as TensorFlow.Tensor).dataSync<'float32'>();
}

function difference(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

describe('exportModel', () => {
  it.for(Object.keys(models))(
    'ONNX Runtime predicts as TensorFlow.js: %s',
    async (name, { skip }) => {
      if ('missing' in onnx) return skip(`ONNX Runtime cannot be installed: ${onnx.missing}`);
      const model = prepared(models[name]);
      const path = join(folder, 'model.onnx');
      await exportModel(model, 'onnx', path);
      const found = await predictByOnnx(onnx.onnx, { path, ...inputOf(model) });
      expect(difference(found, predictionOf(model))).toBeLessThan(MOST);
    },
  );

  it.for(Object.keys(models))('Keras predicts as TensorFlow.js: %s', (name, { skip }) => {
    if ('missing' in keras) skip(`Keras cannot be installed: ${keras.missing}`);
    const found = byKeras.get(name) ?? new Float32Array();
    expect(difference(found, predictionOf(prepared(models[name])))).toBeLessThan(MOST);
  });

  const refusals: { format: Format; why: RegExp; build: Build }[] = [
    {
      ...{ format: 'keras', why: /layer odd \(Activation\).*keras.*hardSigmoid/ },
      build: row(image, (layers) => [
        layers.activation({ activation: 'hardSigmoid', name: 'odd' }),
      ]),
    },
    {
      ...{ format: 'onnx', why: /layer odd \(GlobalMaxPooling2D\).*onnx.*channelsLast/ },
      build: row(image, (layers) => [
        layers.globalMaxPooling2d({ dataFormat: 'channelsFirst', name: 'odd' }),
      ]),
    },
    {
      ...{ format: 'keras', why: /layer odd \(Embedding\).*mask/ },
      build: row([5], (layers) => [
        layers.embedding({ inputDim: 3, outputDim: 2, maskZero: true, name: 'odd' }),
      ]),
    },
    {
      ...{ format: 'onnx', why: /layer odd \(Masking\).*no conversion/ },
      build: row(sequence, (layers) => [layers.masking({ name: 'odd' })]),
    },
  ];
  it.each(refusals)('refuses what $format cannot express: $why', async ({ format, why, build }) => {
    const path = join(folder, 'refused');
    await expect(exportModel(build(tf), format, path)).rejects.toMatchObject({
      ...{ code: 'export-refused', message: expect.stringMatching(why) as string },
    });
    expect(existsSync(path)).toBe(false);
  });
});
