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

/** Joins the network's first operation with the max-pooling after it, where that is faster. */
export function joinFirstPool(operations: readonly ModelOperation[]): ModelOperation[] {
  const [first, second, ...rest] = operations;
  const window = second?.operation.pooling;
  const operation = window && first?.operation.pooledBy?.(window);
  if (operation === undefined) return [...operations];
  return [{ operation, parameters: first.parameters }, ...rest];
}
