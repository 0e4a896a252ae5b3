import { LockstepError } from '@lockstep/core';
import { failureReason } from '../failure-reason.js';
import type { TensorFlow } from '../tensorflow.js';
import type { LossFunction, LossPlace, Targets } from './loss.js';

const SAMPLES = 3;
/** Of a loss computed in another order, relative to the largest one. */
const ROUNDING = 1e-4;

/**
 * Tries a user's loss on made-up outputs before the first step.
 *
 * @param isOverShard whether it may compare samples
 * @throws LockstepError `model-invalid` where it throws, is not finite, has no gradient, is not the same
 *   twice, or mixes samples without saying so
 */
export function checkLoss(
  tf: TensorFlow,
  loss: LossFunction,
  place: LossPlace,
  isOverShard: boolean,
): void {
  const values = Array.from({ length: SAMPLES * place.outputs }, (_, i) => ((i * 7) % 11) / 5 - 1);
  const lossOf = (first: number, count: number): number =>
    tf.tidy(() => {
      const own = values.slice(first * place.outputs, (first + count) * place.outputs);
      const outputs = tf.tensor2d(own, [count, place.outputs]);
      const { lossSum, delta } = loss(outputs, targetsFor(place, first, count));
      const slopes = [...delta.dataSync<'float32'>()];
      if ([lossSum, ...slopes].every(Number.isFinite)) return lossSum;
      throw invalid('the loss or its gradient is not finite for outputs between −1 and 1');
    });
  const whole = attempt(() => lossOf(0, SAMPLES));
  if (whole !== lossOf(0, SAMPLES)) {
    throw invalid('the loss differs when it is computed twice: it must draw no random numbers');
  }
  if (isOverShard) return;
  const alone = [0, 1, 2].map((sample) => attempt(() => lossOf(sample, 1)));
  const scale = Math.max(1, ...alone.map(Math.abs));
  if (Math.abs(whole - alone.reduce((sum, each) => sum + each)) <= ROUNDING * scale) return;
  throw invalid(
    'the loss of a sample depends on the other samples',
    'compute it per sample, or declare it: loss: { shard: (tf, outputs, targets) => … }',
  );
}

function targetsFor({ target }: LossPlace, first: number, count: number): Targets {
  if ('classes' in target) {
    return Int32Array.from({ length: count }, (_, i) => (first + i) % target.classes);
  }
  const at = first * target.values;
  return Float32Array.from({ length: count * target.values }, (_, i) => ((at + i) % 5) / 4);
}

function attempt(compute: () => number): number {
  try {
    return compute();
  } catch (cause) {
    if (cause instanceof LockstepError) throw cause;
    const message = failureReason(cause);
    throw invalid(`the loss cannot be computed and differentiated: ${message}`, undefined, cause);
  }
}

function invalid(
  message: string,
  remedy = 'correct the loss of the model file',
  cause?: unknown,
): LockstepError {
  return new LockstepError('model-invalid', message, { remedy, cause });
}
