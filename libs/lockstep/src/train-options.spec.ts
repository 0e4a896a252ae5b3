import { readFileSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LockstepError } from '@lockstep/core';
import { dense, flatten, type CustomLoss } from '@lockstep/model/user-api';
import { expect, it, onTestFinished } from 'vitest';
import { dataFile, modelFile, pathOf } from './definition-files.js';
import { losses, optimizers } from './generated/options.js';
import { trainArguments } from './train-options.js';

const none = { model: undefined, data: undefined };

it('become the flags of the command', () => {
  const options = {
    ...{ steps: 20, shardSize: 5, noDashboard: true, http: undefined },
    optimizer: optimizers.adam({ learningRate: 1e-3 }),
    loss: losses.crossEntropy({ classWeights: [1, 2.5] }),
  };
  expect(trainArguments(options, { model: 'softmax', data: '-odd' })).toEqual([
    ...['--model=softmax', '--data=-odd', '--optimizer=adam', '--learning-rate=0.001'],
    ...['--loss=cross-entropy', '--class-weights=1,2.5'],
    ...['--steps=20', '--shard-size=5', '--no-dashboard'],
  ]);
});

it('are refused where the optimizer has them too', () => {
  const options = { learningRate: 0.1, optimizer: optimizers.sgd({ learningRate: 0.2 }) };
  expect(() => trainArguments(options, none)).toThrow('given twice: learningRate');
});

it('take a path as a URL', () => {
  const path = join(tmpdir(), 'a b', 'model.ts');
  expect(pathOf(pathToFileURL(path))).toBe(path);
  expect(pathOf(pathToFileURL(path).href)).toBe(path);
  expect(pathOf('mnist-cnn')).toBe('mnist-cnn');
});

it('take a chain of layers, which is written to a file named after its hash', () => {
  const out = mkdtempSync(join(tmpdir(), 'library-'));
  onTestFinished(() => rmSync(out, { recursive: true }));
  const model = { name: 'one-layer', layers: [flatten(), dense({ units: 'classes' })] };
  const file = modelFile(model, out) ?? '';
  expect(modelFile(model, out)).toBe(file);
  expect(readFileSync(file, 'utf8')).toContain('"units":"classes"');
});

it('refuse a model with functions, which is loaded from a module', () => {
  const loss: CustomLoss = (tf, outputs) => tf.sum(outputs, 1);
  const model = { name: 'f', layers: [flatten()], loss };
  expect(() => modelFile(model)).toThrow(LockstepError);
});

it('refuse data as a definition, whose functions other processes call', () => {
  const half = {
    count: 1,
    read: () => ({ inputs: new Float32Array(1), targets: new Int32Array(1) }),
  };
  const data = { inputShape: [1], target: { classes: 2 }, train: half, test: half };
  expect(() => dataFile(data)).toThrow('not as a module');
  expect(dataFile(new URL('file:///a/data.js'))).toBe('/a/data.js');
});
