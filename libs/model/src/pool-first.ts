import type { ModelOperation } from './model.js';

/**
 * Moves max-pooling before the biases and ReLUs it follows. Both are non-decreasing functions of one
 * channel, also after rounding, so max(f(a), f(b)) = f(max(a, b)) to the bit, and with a 2×2 pool
 * they have a quarter of the values to work on, forward and back.
 */
export function poolFirst(operations: readonly ModelOperation[]): ModelOperation[] {
  const ordered: ModelOperation[] = [];
  for (const entry of operations) {
    let place = ordered.length;
    if (entry.operation.pooling !== undefined) {
      while (place > 0 && ordered[place - 1].operation.monotone) place--;
    }
    ordered.splice(place, 0, entry);
  }
  return ordered;
}
