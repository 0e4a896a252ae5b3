/**
 * (1 + cos πx) / 2 for x in [0, 1], by its Taylor series in basic arithmetic alone: `Math.cos` may
 * differ in its last bit between JavaScript engines, and the learning rate is part of the bits.
 */
export function halfCosine(x: number): number {
  const angle = Math.PI * (x - 0.5);
  let term = angle;
  let sine = angle;
  for (let n = 1; n <= 10; n++) {
    term *= -(angle * angle) / (2 * n * (2 * n + 1));
    sine += term;
  }
  // Rounding must not make the last learning rate negative.
  return Math.max(0, (1 - sine) / 2);
}
