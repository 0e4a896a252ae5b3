import { LockstepError, sizeOf } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Model } from './model.js';
import type { Targets } from '../losses/loss.js';
import type { Forward, ParameterGradient, Pass } from '../layers/operation.js';

/** Samples as `gatherBatch` returns them. */
export interface Batch {
  /** [count, …inputShape]; pixels in [0, 1] */
  readonly inputs: Float32Array;
  readonly targets: Targets;
}

/** The network's logits [count, classes] without dropout; call it inside `tf.tidy`. */
export function inferLogits(
  model: Model,
  weights: readonly tf.Tensor[],
  inputs: tf.Tensor,
): tf.Tensor {
  return runForward(model, weights, inputs, { kind: 'inference' }).logits;
}

/** inputs → [count, …inputShape] */
export function inputTensor({ inputShape }: Model, inputs: Float32Array): tf.Tensor {
  return tf.tensor(inputs, [sampleCountOf({ inputs }, inputShape), ...inputShape]);
}

/** How many samples a batch has. */
export function sampleCountOf(
  { inputs }: Pick<Batch, 'inputs'>,
  inputShape: readonly number[],
): number {
  return inputs.length / sizeOf(inputShape);
}

export interface NetworkPass {
  /** [count, classes] */
  readonly logits: tf.Tensor;
  readonly trace: readonly Forward[];
}

/**
 * One forward pass from inputs to logits; its trace is the input of `runBackward`.
 *
 * @param weights one tensor per parameter, then one per buffer
 */
export function runForward(
  model: Model,
  weights: readonly tf.Tensor[],
  inputs: tf.Tensor,
  pass: Pass,
): NetworkPass {
  let x = inputs;
  const kept = new Map<string, tf.Tensor>();
  const trace = model.operations.map((entry) => {
    const { operation, parameters, buffers = [], sources = [], keptAs } = entry;
    const own = [...parameters, ...buffers].map((index) => weights[index]);
    const forward = operation.forward(x, own, pass, earlierOutputs(kept, sources));
    x = forward.output;
    if (keptAs !== undefined) kept.set(keptAs, x);
    return forward;
  });
  return { logits: x, trace };
}

/**
 * The outputs of earlier layers, in the order of their names.
 *
 * @throws LockstepError `internal` for a layer whose output was not kept
 */
export function earlierOutputs(
  kept: ReadonlyMap<string, tf.Tensor>,
  names: readonly string[],
): tf.Tensor[] {
  return names.map((name) => {
    const output = kept.get(name);
    if (output) return output;
    throw new LockstepError('internal', `the output of layer ${name} was not kept`);
  });
}

/**
 * Back through the network, from its last operation to its first.
 *
 * @param delta d loss / d logits, [count, classes]
 * @param found receives each parameter's gradient and index as soon as it is computed
 */
export function runBackward(
  model: Model,
  trace: readonly Forward[],
  delta: tf.Tensor,
  found: (gradient: ParameterGradient, index: number) => void,
): void {
  let dy: tf.Tensor | undefined = delta;
  /** Of outputs that several operations use: the sum, latest operation first, of what they send back. */
  const received = new Map<string, tf.Tensor>();
  for (let place = trace.length - 1; place >= 0; place--) {
    const { parameters: indices, sources = [], keptAs } = model.operations[place];
    const all = sumOf(dy, keptAs === undefined ? undefined : received.get(keptAs));
    if (!all) throw new LockstepError('internal', `operation ${place} has no gradient`);
    const backward = trace[place].backward(all, place > 0);
    indices.forEach((index, own) => found(backward.parameters[own], index));
    sources.forEach((name, own) => {
      const sum = sumOf(received.get(name), backward.sources?.[own]);
      if (sum) received.set(name, sum);
    });
    dy = backward.input;
  }
}

/** The buffers as a training pass left them. */
export function buffersAfter(model: Model, trace: readonly Forward[]): Float32Array[] {
  const after: Float32Array[] = [];
  model.operations.forEach(({ buffers: indices = [] }, place) =>
    trace[place].buffers?.forEach((buffer, own) => {
      after[indices[own] - model.parameters.length] = buffer.dataSync<'float32'>().slice();
    }),
  );
  return after;
}

function sumOf(a: tf.Tensor | undefined, b: tf.Tensor | undefined): tf.Tensor | undefined {
  return a && b ? tf.add(a, b) : (a ?? b);
}

/** `tf.tidy` for a result that holds no tensor. */
export function inTidy<Result>(compute: () => Result): Result {
  return tf.tidy(() => compute() as tf.TensorContainer) as Result;
}
