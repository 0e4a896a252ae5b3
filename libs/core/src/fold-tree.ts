/**
 * Combines values by a fixed binary tree over their places: pairs of neighbours, level by level, where a
 * last one without a neighbour moves up. Float addition is not associative, so the tree is part of the
 * result; any aligned subtree (2^k values from a multiple of 2^k) may be combined first, anywhere.
 *
 * @param leaves at least one, in shard order
 * @param combine receives two values of the tree in order, and whether the left one is a leaf
 * @throws RangeError when there are no leaves
 */
export function foldTree<Value>(
  leaves: readonly Value[],
  combine: (left: Value, right: Value, leftIsLeaf: boolean) => Value,
): Value {
  if (leaves.length === 0) throw new RangeError('a tree needs at least one leaf');
  const fold = (first: number, count: number): Value => {
    if (count === 1) return leaves[first];
    // The left subtree is whole: its size is the largest power of two below the count.
    const left = 2 ** (31 - Math.clz32(count - 1));
    return combine(fold(first, left), fold(first + left, count - left), left === 1);
  };
  return fold(0, leaves.length);
}

/** The sum of numbers in float64 by `foldTree`; 0 for none. */
export function sumByTree(values: readonly number[]): number {
  return values.length === 0 ? 0 : foldTree(values, (left, right) => left + right);
}
