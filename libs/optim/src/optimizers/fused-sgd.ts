import type { Tensor } from '@tensorflow/tfjs-core';
import type { ParameterState, TensorFlow, UpdateRule } from './optimizer.js';

/** The part of tfjs-node's backend used here: kernels by their name in TensorFlow's op registry. */
interface NativeBackend {
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_SHAPE: number;
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_FLOAT: number;
  };
  executeMultipleOutputs(
    kernel: string,
    attributes: readonly { name: string; type: number; value: unknown }[],
    inputs: readonly Tensor[],
    outputCount: number,
  ): Tensor[];
}

/** Whether the backend in use has TensorFlow's fused optimizer kernels. */
export function hasFusedKernels(tf: TensorFlow): boolean {
  return tf.getBackend() === 'tensorflow';
}

/**
 * SGD by TensorFlow's own optimizer kernels, which change weights and velocity in one pass over
 * memory: v ← momentum · v + gradient; w ← w − rate · v, or with momentum 0 w ← w − rate · gradient.
 */
export function fusedSgd(tf: TensorFlow, momentum: number): UpdateRule {
  const kernels = new FusedKernels(tf.backend() as unknown as NativeBackend);
  const apply = (
    { weight, slots: { velocity } }: ParameterState,
    gradient: Tensor,
    rate: number,
    keeps: boolean,
  ): ParameterState => {
    const w = kernels.variableOf(weight);
    const v = momentum === 0 ? undefined : kernels.variableOf(velocity);
    // Now the variable alone holds the buffer. While another does, the kernel copies it first.
    if (!keeps) tf.dispose(v ? [weight, velocity] : [weight]);
    const [alpha, beta] = [tf.scalar(rate), tf.scalar(momentum)];
    if (v) kernels.applyMomentum([w, v, alpha, gradient, beta]);
    else kernels.applyGradientDescent([w, alpha, gradient]);
    tf.dispose([alpha, beta]);
    return { weight: kernels.valueOf(w), slots: v ? { velocity: kernels.valueOf(v) } : {} };
  };
  return {
    update: (state, gradient, { rate }) => apply(state, gradient, rate, true),
    updateInPlace: (state, gradient, { rate }) => apply(state, gradient, rate, false),
  };
}

/** The name by which TensorFlow makes a new resource at each call (ResourceHandle::ANONYMOUS_NAME). */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/** TensorFlow's kernels for variables: a variable shares the buffer of the tensor it is made from. */
class FusedKernels {
  readonly #backend: NativeBackend;

  constructor(backend: NativeBackend) {
    this.#backend = backend;
  }

  /** @param inputs variable, velocity's variable, rate, gradient, momentum */
  applyMomentum(inputs: readonly Tensor[]): void {
    const attributes = [this.#floatType('T'), this.#off('use_locking'), this.#off('use_nesterov')];
    this.#run('ResourceApplyMomentum', attributes, inputs, 0);
  }

  /** @param inputs variable, rate, gradient */
  applyGradientDescent(inputs: readonly Tensor[]): void {
    const attributes = [this.#floatType('T'), this.#off('use_locking')];
    this.#run('ResourceApplyGradientDescent', attributes, inputs, 0);
  }

  /** A variable that holds a tensor's buffer, without a copy. */
  variableOf(tensor: Tensor): Tensor {
    const { TF_ATTR_SHAPE, TF_ATTR_STRING } = this.#backend.binding;
    const attributes = [
      this.#floatType('dtype'),
      { name: 'shape', type: TF_ATTR_SHAPE, value: tensor.shape },
      { name: 'container', type: TF_ATTR_STRING, value: '' },
      { name: 'shared_name', type: TF_ATTR_STRING, value: ANONYMOUS },
    ];
    const [variable] = this.#run('VarHandleOp', attributes, [], 1) as [Tensor];
    this.#run('AssignVariableOp', [this.#floatType('dtype')], [variable, tensor], 0);
    return variable;
  }

  /** The tensor of a variable, without a copy; destroys the variable. */
  valueOf(variable: Tensor): Tensor {
    const dtype = [this.#floatType('dtype')];
    const [value] = this.#run('ReadVariableOp', dtype, [variable], 1) as [Tensor];
    this.#run('DestroyResourceOp', [this.#off('ignore_lookup_error')], [variable], 0);
    variable.dispose();
    return value;
  }

  #run(...call: Parameters<NativeBackend['executeMultipleOutputs']>): Tensor[] {
    return this.#backend.executeMultipleOutputs(...call);
  }

  #floatType(name: string): { name: string; type: number; value: number } {
    const { TF_ATTR_TYPE: type, TF_FLOAT: value } = this.#backend.binding;
    return { name, type, value };
  }

  #off(name: string): { name: string; type: number; value: boolean } {
    return { name, type: this.#backend.binding.TF_ATTR_BOOL, value: false };
  }
}
