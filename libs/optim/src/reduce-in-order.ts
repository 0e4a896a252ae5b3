import {
  LockstepError,
  type DenseGradient,
  type FactoredGradient,
  type Gradient,
  type GradientEntry,
  type ParameterSpec,
} from '@lockstep/core';

/**
 * Sums the shards' gradients in the order given, which must be shard order: float addition is not
 * associative, so the order is part of the result. A dense entry is a left fold in float32; a
 * factored one is all rows under each other, whose one product is the sum.
 *
 * @param gradients one per shard, at least one; not changed
 * @throws LockstepError `internal` when they are not all of the parameters' form
 */
export function reduceInOrder(
  parameters: readonly ParameterSpec[],
  gradients: readonly Gradient[],
): Gradient {
  return parameters.map(({ name, gradient: kind }, index): GradientEntry => {
    const entries = gradients.map((gradient) => gradient[index]);
    if (kind === 'dense' && entries.every(isDense)) return foldDense(entries, name);
    if (kind === 'factored' && entries.every(isFactored)) return stackFactors(entries, name);
    throw mismatch(name, `an entry is not ${kind}`);
  });
}

function foldDense(entries: readonly DenseGradient[], name: string): DenseGradient {
  const [first, ...rest] = entries;
  if (first === undefined) throw mismatch(name, 'there is nothing to reduce');
  const sum = Float32Array.from(first.values);
  for (const { values } of rest) {
    if (values.length !== sum.length) throw mismatch(name, 'entries differ in length');
    for (let i = 0; i < sum.length; i++) sum[i] += values[i];
  }
  return { kind: 'dense', values: sum };
}

function stackFactors(entries: readonly FactoredGradient[], name: string): FactoredGradient {
  if (entries.length === 0) throw mismatch(name, 'there is nothing to reduce');
  return {
    kind: 'factored',
    rows: entries.reduce((sum, { rows }) => sum + rows, 0),
    inputs: concatenate(entries.map(({ inputs }) => inputs)),
    deltas: concatenate(entries.map(({ deltas }) => deltas)),
  };
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

const isDense = (entry: GradientEntry | undefined): entry is DenseGradient =>
  entry?.kind === 'dense';
const isFactored = (entry: GradientEntry | undefined): entry is FactoredGradient =>
  entry?.kind === 'factored';

const mismatch = (name: string, what: string): LockstepError =>
  new LockstepError('internal', `gradients of ${name} cannot be reduced: ${what}`);
