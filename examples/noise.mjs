/**
 * A number in [0, 1) for a pair of whole numbers: noise that is the same in every process, because
 * it has no state. (The 32-bit hash lowbias32.)
 */
export function noise(row, column) {
  let x = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(column + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}
