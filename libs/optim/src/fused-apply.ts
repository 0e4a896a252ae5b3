import * as tf from '@tensorflow/tfjs-core';

/** What of tfjs-node's backend is used: kernels by their name in TensorFlow's op registry. */
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
    inputs: readonly tf.Tensor[],
    outputCount: number,
  ): tf.Tensor[];
}

/** A parameter's weights and, with momentum, its velocity. */
export interface Slot {
  readonly weight: tf.Tensor;
  readonly velocity?: tf.Tensor;
}

/** Whether the backend in use has the fused kernels. */
export function canFuse(): boolean {
  return tf.getBackend() === 'tensorflow';
}

/**
 * TensorFlow's own optimizer kernels, which change weights and velocity in one pass over memory:
 * v ← momentum · v + gradient; w ← w − rate · v, or without a velocity w ← w − rate · gradient.
 *
 * @param keeps whether the old tensors stay valid; else they are used up, and changed in place
 */
export function applyFused(
  { weight, velocity }: Slot,
  gradient: tf.Tensor,
  { rate, momentum }: { readonly rate: number; readonly momentum: number },
  keeps: boolean,
): Slot {
  const w = variableOf(weight);
  const v = velocity && variableOf(velocity);
  // Now the variable alone holds the buffer. While another does, the kernel copies it first.
  if (!keeps) tf.dispose(velocity ? [weight, velocity] : [weight]);
  const [alpha, beta] = [tf.scalar(rate), tf.scalar(momentum)];
  const { TF_ATTR_BOOL: type } = native().binding;
  const attributes = [floatType('T'), { name: 'use_locking', type, value: false }];
  if (v) {
    const plain = { name: 'use_nesterov', type, value: false };
    run('ResourceApplyMomentum', [...attributes, plain], [w, v, alpha, gradient, beta], 0);
  } else {
    run('ResourceApplyGradientDescent', attributes, [w, alpha, gradient], 0);
  }
  tf.dispose([alpha, beta]);
  return v ? { weight: valueOf(w), velocity: valueOf(v) } : { weight: valueOf(w) };
}

/** The name by which TensorFlow makes a new resource at each call (ResourceHandle::ANONYMOUS_NAME). */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/** A variable that holds a tensor's buffer, without a copy. */
function variableOf(tensor: tf.Tensor): tf.Tensor {
  const { TF_ATTR_SHAPE, TF_ATTR_STRING } = native().binding;
  const attributes = [
    floatType('dtype'),
    { name: 'shape', type: TF_ATTR_SHAPE, value: tensor.shape },
    { name: 'container', type: TF_ATTR_STRING, value: '' },
    { name: 'shared_name', type: TF_ATTR_STRING, value: ANONYMOUS },
  ];
  const [variable] = run('VarHandleOp', attributes, [], 1) as [tf.Tensor];
  run('AssignVariableOp', [floatType('dtype')], [variable, tensor], 0);
  return variable;
}

/** What a variable holds, without a copy; the variable is gone after that. */
function valueOf(variable: tf.Tensor): tf.Tensor {
  const [value] = run('ReadVariableOp', [floatType('dtype')], [variable], 1) as [tf.Tensor];
  const { TF_ATTR_BOOL: type } = native().binding;
  const attributes = [{ name: 'ignore_lookup_error', type, value: false }];
  run('DestroyResourceOp', attributes, [variable], 0);
  variable.dispose();
  return value;
}

function run(...call: Parameters<NativeBackend['executeMultipleOutputs']>): tf.Tensor[] {
  return native().executeMultipleOutputs(...call);
}

function floatType(name: string): { name: string; type: number; value: number } {
  const { TF_ATTR_TYPE: type, TF_FLOAT: value } = native().binding;
  return { name, type, value };
}

function native(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}
