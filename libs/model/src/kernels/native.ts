import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import type { SlidingWindow } from './padding.js';

/** The part of tfjs-node's backend through which kernels without a tfjs operation are reached. */
interface NativeBackend {
  readonly binding: NativeBinding;
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(metadata: OutputMetadata): tf.Tensor;
}

interface NativeBinding {
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputIds: readonly number[],
    outputCount: number,
  ): OutputMetadata[];
}

interface OutputMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** An attribute of a TensorFlow kernel: its value names its type. */
export type Attribute =
  | { readonly name: string; readonly type: 'float32' | 'int64' }
  | { readonly name: string; readonly integers: readonly number[] }
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly flag: boolean };

/** Whether the backend in use is native TensorFlow; then `runNative` works. */
export function isNative(tf: TensorFlow): boolean {
  return tf.getBackend() === 'tensorflow';
}

/**
 * Runs a TensorFlow kernel by its name in the op registry (tensorflow.org/api_docs/python/tf/raw_ops).
 * Only while `isNative(tf)`.
 */
export function runNative(
  tf: TensorFlow,
  kernel: string,
  attributes: readonly Attribute[],
  inputs: readonly tf.Tensor[],
  outputCount = 1,
): tf.Tensor[] {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  const encoded = attributes.map((attribute) => encode(binding, attribute));
  const outputs = binding.executeOp(
    kernel,
    encoded,
    backend.getInputTensorIds(inputs),
    outputCount,
  );
  return outputs.map((output) => backend.createOutputTensor(hideInt64(binding, output)));
}

/**
 * tfjs has no int64 and prints a warning for every such output. Here they are only inputs of another
 * kernel, which looks the tensor up by its id and sees the true type.
 */
function hideInt64(binding: NativeBinding, output: OutputMetadata): OutputMetadata {
  return output.dtype === binding.TF_INT64 ? { ...output, dtype: binding.TF_INT32 } : output;
}

function encode(binding: NativeBinding, attribute: Attribute): OpAttribute {
  const { name } = attribute;
  if ('integers' in attribute) {
    return { name, type: binding.TF_ATTR_INT, value: attribute.integers };
  }
  if ('text' in attribute) return { name, type: binding.TF_ATTR_STRING, value: attribute.text };
  if ('flag' in attribute) return { name, type: binding.TF_ATTR_BOOL, value: attribute.flag };
  const value = attribute.type === 'int64' ? binding.TF_INT64 : binding.TF_FLOAT;
  return { name, type: binding.TF_ATTR_TYPE, value };
}

/** The attributes of every pooling kernel of TensorFlow, for [batch, h, w, c]. */
export function poolAttributes({ size, stride, padding }: SlidingWindow): Attribute[] {
  return [
    { name: 'T', type: 'float32' },
    { name: 'ksize', integers: [1, size, size, 1] },
    { name: 'strides', integers: [1, stride, stride, 1] },
    { name: 'padding', text: padding.toUpperCase() },
  ];
}
