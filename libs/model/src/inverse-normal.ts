/**
 * The inverse of the standard normal distribution function: Wichura, algorithm AS 241 (PPND16),
 * Applied Statistics 37(3), 1988; relative error about 1e-16.
 *
 * Uses only + − × ÷ and Math.sqrt, which IEEE 754 rounds exactly, and no Math.log, whose last bit
 * may differ between versions of V8: initial weights must be the same everywhere.
 *
 * @param p in [1e-300, 1 − 1e-16]
 */
export function inverseNormal(p: number): number {
  const q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) return q * ratio(0.180625 - q * q, CENTRE);
  const tail = q < 0 ? p : 1 - p;
  const r = Math.sqrt(-naturalLog(tail));
  const value = r <= 5 ? ratio(r - 1.6, MIDDLE) : ratio(r - 5, FAR);
  return q < 0 ? -value : value;
}

interface Rational {
  /** Coefficients of the highest power first. */
  readonly above: readonly number[];
  readonly below: readonly number[];
}

const CENTRE: Rational = {
  above: [
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
  ],
  below: [
    5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1,
  ],
};

const MIDDLE: Rational = {
  above: [
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
    1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959,
    1.42343711074968357734,
  ],
  below: [
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
    0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187,
    1,
  ],
};

const FAR: Rational = {
  above: [
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
    0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699,
    6.6579046435011037772,
  ],
  below: [
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
    7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
    0.59983220655588793769, 1,
  ],
};

function ratio(x: number, { above, below }: Rational): number {
  return horner(x, above) / horner(x, below);
}

function horner(x: number, coefficients: readonly number[]): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

/** ln x for x > 0: x = m · 2^k with m in [√½, √2], ln m = 2 artanh((m − 1) / (m + 1)) as a series. */
export function naturalLog(x: number): number {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--;
  for (; mantissa > Math.SQRT2; mantissa /= 2) exponent++;
  const z = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  for (let n = 23; n >= 1; n -= 2) sum = sum * z * z + 1 / n;
  return 2 * z * sum + exponent * Math.LN2;
}
