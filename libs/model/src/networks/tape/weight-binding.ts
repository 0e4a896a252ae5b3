import type * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';

/**
 * Makes the layers of a model read their weights from tensors that are passed to each call, and keeps
 * what they write: so a pass is a function of its arguments, and batch norm, which overwrites its
 * moving statistics within `call`, begins every shard with those of the version.
 */
export class WeightBinding {
  readonly #weights: readonly LayerVariable[];
  #bound: readonly tf.Tensor[] = [];
  readonly #written = new Map<number, tf.Tensor>();
  readonly #keep: (tensor: tf.Tensor) => tf.Tensor;

  /** @param weights those that `bind` gives values to; any others keep their own */
  constructor(core: Pick<typeof tf, 'keep' | 'clone'>, weights: readonly LayerVariable[]) {
    this.#weights = weights;
    this.#keep = (tensor) => core.keep(core.clone(tensor));
    weights.forEach((weight, index) => {
      weight.read = () => this.#written.get(index) ?? this.#valueAt(index);
      weight.write = (value) => {
        this.#written.get(index)?.dispose();
        this.#written.set(index, this.#keep(value));
        return weight;
      };
    });
  }

  /** Runs a pass with these values. */
  use<Result>(values: readonly tf.Tensor[], pass: () => Result): Result {
    this.#bound = values;
    try {
      return pass();
    } finally {
      this.#bound = [];
      for (const tensor of this.#written.values()) tensor.dispose();
      this.#written.clear();
    }
  }

  /** Within a pass: a weight's value now. */
  current(index: number): tf.Tensor {
    return this.#written.get(index) ?? this.#valueAt(index);
  }

  /** Within a pass: whether a layer has written the weight. */
  isWritten(index: number): boolean {
    return this.#written.has(index);
  }

  #valueAt(index: number): tf.Tensor {
    const bound = this.#bound[index];
    if (bound !== undefined) return bound;
    throw new Error(`weight ${this.#weights[index].originalName} is read outside of a pass`);
  }
}
