import { sizeOf, type GradientEntry } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';

/** Fractional part of the golden ratio: its multiples modulo 1 are spread more evenly than any other's. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** All indices below `size`, or `most` of them, spread evenly and along no row or column. */
export function spreadIndices(size: number, most: number): Int32Array {
  if (size <= most) return Int32Array.from({ length: size }, (_, index) => index);
  return Int32Array.from({ length: most }, (_, n) => Math.floor(((n * GOLDEN) % 1) * size));
}

/** A tensor's values, or `most` of them: millions need not leave the backend to be looked at. */
export function sampleTensor(tensor: tf.Tensor, most: number): Float32Array {
  if (tensor.size <= most) return tensor.dataSync<'float32'>();
  const sample = tf.tidy(() =>
    tf.gather(tf.reshape(tensor, [-1]), tf.tensor1d(spreadIndices(tensor.size, most), 'int32')),
  );
  const values = sample.dataSync<'float32'>().slice();
  sample.dispose();
  return values;
}

/**
 * A gradient's values, or about `most` of them; of a factored one, the product of some of its
 * columns alone.
 *
 * @param shape the parameter's
 */
export function sampleGradient(
  entry: GradientEntry,
  shape: readonly number[],
  most: number,
): Float32Array {
  if (entry.kind === 'dense') {
    const indices = spreadIndices(sizeOf(shape), most);
    return Float32Array.from(indices, (index) => entry.values[index]);
  }
  const { rows, inputs, deltas } = entry;
  const [inputCount = 0, outputCount = 0] = shape;
  // Whichever side is short is taken whole.
  const side = Math.floor(Math.sqrt(most));
  const outputs = spreadIndices(outputCount, Math.max(side, Math.floor(most / inputCount)));
  const some = spreadIndices(inputCount, Math.floor(most / outputs.length));
  return tf.tidy(() => {
    const a = tf.tensor2d(columnsOf(inputs, inputCount, some), [rows, some.length]);
    const b = tf.tensor2d(columnsOf(deltas, outputCount, outputs), [rows, outputs.length]);
    return tf.matMul(a, b, true).dataSync<'float32'>();
  });
}

/** Some columns of a row-major matrix. */
function columnsOf(values: Float32Array, width: number, columns: Int32Array): Float32Array {
  const rows = values.length / width;
  const out = new Float32Array(rows * columns.length);
  for (let row = 0, to = 0; row < rows; row++) {
    for (const column of columns) out[to++] = values[row * width + column]!;
  }
  return out;
}
