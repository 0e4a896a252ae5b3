import type * as tf from '@tensorflow/tfjs-core';
import type { DropoutKey } from '../../layers/dropout-mask.js';
import type { Operation, ParameterGradient } from '../../layers/operation.js';
import type { TensorFlow } from '../../tensorflow.js';

/** Receives a parameter's gradient as soon as it is computed. */
export type GradientFound = (gradient: ParameterGradient, parameter: number) => void;

/**
 * One forward and backward pass on tfjs' gradient tape. Operations whose gradient is written out are
 * recorded on it as one node each, and pass their parameters' gradients on directly: a dense
 * layer's as factors, which the tape cannot hold.
 */
export class GradientPass {
  readonly key: DropoutKey;
  readonly #tf: TensorFlow;
  readonly #found: GradientFound;
  /** An input of every recorded operation, so that the tape visits those whose input is data too. */
  readonly #anchor: tf.Tensor;
  readonly #kept: tf.Tensor[] = [];

  constructor(tf: TensorFlow, key: DropoutKey, found: GradientFound) {
    this.#tf = tf;
    this.key = key;
    this.#found = found;
    this.#anchor = tf.scalar(0);
  }

  /**
   * Records an operation.
   *
   * @param parameters the numbers of its parameters within the model
   * @param wantInput false where nothing before the operation is trained
   */
  record(
    operation: Operation,
    x: tf.Tensor,
    weights: readonly tf.Tensor[],
    parameters: readonly number[],
    wantInput: boolean,
  ): tf.Tensor {
    this.keep(x);
    const run = (): ReturnType<Parameters<TensorFlow['customGrad']>[0]> => {
      const { output, backward } = this.#keepingAll(() =>
        operation.forward(x, weights, { kind: 'training', dropout: this.key }, []),
      );
      const gradFunc = (dy: tf.Tensor): tf.Tensor[] => {
        const { input, parameters: own } = backward(dy, wantInput);
        parameters.forEach((parameter, i) => this.#found(own[i], parameter));
        const nothing = this.#tf.zeros([]);
        return input && wantInput ? [nothing, input] : [nothing];
      };
      return { value: output, gradFunc };
    };
    return this.#tf.customGrad(run)(...(wantInput ? [this.#anchor, x] : [this.#anchor]));
  }

  /**
   * @param forward gives the loss, a scalar
   * @param weights of the parameters whose gradients the tape computes
   * @returns one each; undefined for one that the loss does not depend on
   */
  run(forward: () => tf.Tensor, weights: readonly tf.Tensor[]): (tf.Tensor | undefined)[] {
    const { grads } = this.#tf
      .engine()
      .gradients(forward, [this.#anchor, ...weights], undefined, true);
    return grads.slice(1);
  }

  dispose(): void {
    for (const tensor of this.#kept) tensor.dispose();
    this.#anchor.dispose();
  }

  /** Runs a function; the tensors that it makes live until `dispose`, since its gradient needs them. */
  #keepingAll<Result>(run: () => Result): Result {
    const engine = this.#tf.engine();
    engine.startScope();
    try {
      const result = run();
      for (const tensor of engine.state.activeScope.track) this.keep(tensor);
      return result;
    } finally {
      engine.endScope();
    }
  }

  /** Lets a tensor live until `dispose`. */
  keep(tensor: tf.Tensor): void {
    if (tensor.kept) return;
    this.#kept.push(this.#tf.keep(tensor));
  }
}
