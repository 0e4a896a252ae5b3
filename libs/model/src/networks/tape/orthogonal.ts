/**
 * A matrix with orthonormal rows or columns, whichever are fewer, from normal values: the Q of a QR
 * decomposition with a positive diagonal of R (Saxe et al., arXiv:1312.6120), by the modified
 * Gram–Schmidt process in float64.
 *
 * @param drawn one normal value per element
 * @param shape all dimensions but the last are the matrix's rows
 */
export function orthogonal(
  drawn: Float32Array,
  shape: readonly number[],
  gain: number,
): Float32Array {
  const columns = shape.at(-1) ?? 1;
  const rows = drawn.length / columns;
  const isTall = rows >= columns;
  const [count, length] = isTall ? [columns, rows] : [rows, columns];
  const at = (vector: number, i: number): number =>
    isTall ? i * columns + vector : vector * columns + i;
  const vectors = Array.from({ length: count }, (_, vector) =>
    Float64Array.from({ length }, (_, i) => drawn[at(vector, i)]),
  );
  const values = new Float32Array(drawn.length);
  vectors.forEach((vector, index) => {
    for (let before = 0; before < index; before++) removeComponent(vector, vectors[before]);
    const norm = Math.sqrt(dot(vector, vector));
    vector.forEach((value, i) => (vector[i] = value / norm));
    vector.forEach((value, i) => (values[at(index, i)] = gain * value));
  });
  return values;
}

function removeComponent(vector: Float64Array, unit: Float64Array): void {
  const share = dot(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i] -= share * unit[i];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
