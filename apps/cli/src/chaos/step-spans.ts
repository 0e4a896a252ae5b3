/** A step's event as it came in; `at` in milliseconds on a monotonic clock. */
export interface StepArrival {
  readonly at: number;
  readonly step: number;
}

/** From the end of one step to the end of the next, in milliseconds on the arrivals' clock. */
export interface StepSpan {
  readonly step: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The time each step took. Steps that a resumed coordinator computes again make no span of their
 * own: they are part of the time that the first new step took.
 */
export function stepSpans(arrivals: readonly StepArrival[]): readonly StepSpan[] {
  const firsts: StepArrival[] = [];
  for (const arrival of arrivals) {
    if (arrival.step > (firsts.at(-1)?.step ?? 0)) firsts.push(arrival);
  }
  return firsts.slice(1).map(({ step, at }, i) => ({ step, from: firsts[i]?.at ?? at, to: at }));
}

export function milliseconds({ from, to }: StepSpan): number {
  return to - from;
}

/** Where in the spans a moment lies; −1 before the first and after the last. */
export function spanAt(spans: readonly StepSpan[], at: number): number {
  return spans.findIndex(({ from, to }) => from <= at && at < to);
}
