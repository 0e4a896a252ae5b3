import type { Fault, FaultKind } from './fault.js';
import { quantile, spreadOf, type Spread } from './percentiles.js';
import { milliseconds, spanAt, stepSpans, type StepArrival, type StepSpan } from './step-spans.js';

/** An injected fault; `at` in milliseconds on the clock of the steps' arrivals. */
export interface Act {
  readonly at: number;
  /** The last step that had been made. */
  readonly step: number;
  readonly fault: Fault;
  /** The process that it hit. */
  readonly target: string;
}

/**
 * What one kind of fault cost, by the faults that were the only one in their step: the costs of those
 * that hit a step together cannot be separated. Fields are absent where there was none.
 */
export interface Impact {
  readonly kind: FaultKind;
  readonly acts: number;
  /** Of those, the ones that were the only one in their step. */
  readonly alone: number;
  /** How much longer than usual the step took that was in progress, in milliseconds. */
  readonly extraMs?: Spread;
  /** The same step's time as a multiple of the usual one. */
  readonly hitRatio?: Spread;
  /** Median of the five steps after it, as a multiple of the usual time. */
  readonly afterRatio?: Spread;
  /** From the act to the next step that had not been made before, in milliseconds. */
  readonly recoveryMs?: Spread;
  /** Steps computed again until then. */
  readonly recomputedSteps?: Spread;
}

const FOLLOWING_STEPS = 5;

/**
 * What the faults of each kind cost.
 *
 * @param usualMs the undisturbed median of a step's time
 */
export function impactsOf(
  acts: readonly Act[],
  arrivals: readonly StepArrival[],
  usualMs: number,
): readonly Impact[] {
  const spans = stepSpans(arrivals);
  const placed = acts.map((act) => ({ act, place: spanAt(spans, act.at) }));
  const isAlone = (place: number): boolean =>
    place >= 0 && placed.filter((other) => other.place === place).length === 1;
  const kinds = [...new Set(acts.map(({ fault }) => fault.kind))].sort();
  return kinds.map((kind) => {
    const mine = placed.filter(({ act }) => act.fault.kind === kind);
    const alone = mine.filter(({ place }) => isAlone(place));
    const hits = alone.flatMap(({ place }) => hitAt(spans, place));
    const after = hits.flatMap(({ following }) => quantile(following, 0.5) ?? []);
    const recoveries = alone.flatMap(({ act }) => recoveryOf(arrivals, act.at));
    return {
      kind,
      acts: mine.length,
      alone: alone.length,
      ...named('extraMs', spreadOf(hits.map(({ ms }) => ms - usualMs))),
      ...named('hitRatio', spreadOf(hits.map(({ ms }) => ms / usualMs))),
      ...named('afterRatio', spreadOf(after.map((ms) => ms / usualMs))),
      ...named('recoveryMs', spreadOf(recoveries.map(({ ms }) => ms))),
      ...named('recomputedSteps', spreadOf(recoveries.map(({ recomputed }) => recomputed))),
    };
  });
}

/** How long the step in progress took, and those after it. */
function hitAt(
  spans: readonly StepSpan[],
  place: number,
): readonly { ms: number; following: readonly number[] }[] {
  const span = spans[place];
  if (!span) return [];
  const following = spans.slice(place + 1, place + 1 + FOLLOWING_STEPS).map(milliseconds);
  return [{ ms: milliseconds(span), following }];
}

function recoveryOf(
  arrivals: readonly StepArrival[],
  at: number,
): readonly { ms: number; recomputed: number }[] {
  const before = arrivals.filter((arrival) => arrival.at <= at);
  const highest = before.reduce((most, { step }) => Math.max(most, step), 0);
  const later = arrivals.slice(before.length);
  const recomputed = later.findIndex(({ step }) => step > highest);
  const first = later[recomputed];
  return first ? [{ ms: first.at - at, recomputed }] : [];
}

function named<Name extends string>(name: Name, spread: Spread | undefined) {
  return (spread ? { [name]: spread } : {}) as { readonly [key in Name]?: Spread };
}
