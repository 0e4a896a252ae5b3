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
  if (q >= -0.425 && q <= 0.425) return q * centre(0.180625 - q * q);
  const tail = q < 0 ? p : 1 - p;
  const r = Math.sqrt(-naturalLog(tail));
  const value = r <= 5 ? middle(r - 1.6) : far(r - 5);
  return q < 0 ? -value : value;
}

// The algorithm's three quotients of polynomials of degree 7, by Horner's scheme. Written out and
// not as loops over coefficients, since millions of weights are drawn when a run begins.

function centre(x: number): number {
  return (
    (((((((2509.0809287301226727 * x + 33430.575583588128105) * x + 67265.770927008700853) * x +
      45921.953931549871457) *
      x +
      13731.693765509461125) *
      x +
      1971.5909503065514427) *
      x +
      133.14166789178437745) *
      x +
      3.387132872796366608) /
    (((((((5226.495278852545925 * x + 28729.085735721942674) * x + 39307.89580009271061) * x +
      21213.794301586595867) *
      x +
      5394.1960214247511077) *
      x +
      687.1870074920579083) *
      x +
      42.313330701600911252) *
      x +
      1)
  );
}

function middle(x: number): number {
  return (
    (((((((7.7454501427834140764e-4 * x + 0.0227238449892691845833) * x + 0.24178072517745061177) *
      x +
      1.27045825245236838258) *
      x +
      3.64784832476320460504) *
      x +
      5.7694972214606914055) *
      x +
      4.6303378461565452959) *
      x +
      1.42343711074968357734) /
    (((((((1.05075007164441684324e-9 * x + 5.475938084995344946e-4) * x +
      0.0151986665636164571966) *
      x +
      0.14810397642748007459) *
      x +
      0.68976733498510000455) *
      x +
      1.6763848301838038494) *
      x +
      2.05319162663775882187) *
      x +
      1)
  );
}

function far(x: number): number {
  return (
    (((((((2.01033439929228813265e-7 * x + 2.71155556874348757815e-5) * x +
      0.0012426609473880784386) *
      x +
      0.026532189526576123093) *
      x +
      0.29656057182850489123) *
      x +
      1.7848265399172913358) *
      x +
      5.4637849111641143699) *
      x +
      6.6579046435011037772) /
    (((((((2.04426310338993978564e-15 * x + 1.4215117583164458887e-7) * x +
      1.8463183175100546818e-5) *
      x +
      7.868691311456132591e-4) *
      x +
      0.0148753612908506148525) *
      x +
      0.13692988092273580531) *
      x +
      0.59983220655588793769) *
      x +
      1)
  );
}

/** 1 / 23, 1 / 21, … 1 / 1 */
const RECIPROCALS = Array.from({ length: 12 }, (_, i) => 1 / (23 - 2 * i));

/** ln x for x > 0: x = m · 2^k with m in [√½, √2], ln m = 2 artanh((m − 1) / (m + 1)) as a series. */
export function naturalLog(x: number): number {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--;
  for (; mantissa > Math.SQRT2; mantissa /= 2) exponent++;
  const z = (mantissa - 1) / (mantissa + 1);
  const zz = z * z;
  let sum = 0;
  for (const reciprocal of RECIPROCALS) sum = sum * zz + reciprocal;
  return 2 * z * sum + exponent * Math.LN2;
}
