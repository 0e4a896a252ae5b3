import type { Target } from '@lockstep/core';

/** Whether so many outputs fit the target: one for each class or value; for two classes, one alone will do. */
export function fitsTarget(outputs: number | null | undefined, target: Target): boolean {
  return outputs === outputsFor(target) || (outputs === 1 && isOfTwoClasses(target));
}

/** Outputs for a target, where there is one for each class or value. */
export function outputsFor(target: Target): number {
  return 'classes' in target ? target.classes : target.values;
}

/** For messages: `10 classes`. */
export function targetText(target: Target): string {
  if ('classes' in target) return `${target.classes} classes`;
  return target.values === 1 ? 'targets of one value' : `targets of ${target.values} values`;
}

/**
 * The function that makes probabilities of the outputs: the loss applies it in training, and a saved
 * model ends with it. None for a regression.
 */
export function finalActivation(
  outputs: number,
  target: Target,
): 'softmax' | 'sigmoid' | undefined {
  if (!('classes' in target)) return undefined;
  return outputs === 1 ? 'sigmoid' : 'softmax';
}

function isOfTwoClasses(target: Target): boolean {
  return 'classes' in target && target.classes === 2;
}
