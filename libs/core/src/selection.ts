/** How the evaluations of a run decide when it ends, and which of its versions is saved as its model. */
export interface SelectionRule {
  /** Steps between two evaluations. */
  readonly evalEvery: number;
  /** The run ends after this many evaluations without a better one; absent: it does not end early. */
  readonly earlyStopping?: number;
  /** Whether the saved model is that of the best evaluation; absent: that of the last step. */
  readonly keepBest?: true;
}

/** What the evaluation of a version measured. */
export interface Measured {
  readonly version: number;
  /** The run's first metric. */
  readonly value: number;
}

/** Which of two values of a metric is better. */
export type Better = 'higher' | 'lower';

/** The best of some evaluations, the earliest among equals; undefined where none has a finite value. */
export function bestOf(measured: readonly Measured[], better: Better): Measured | undefined {
  return ascending(measured).reduce<Measured | undefined>((best, next) => {
    if (!Number.isFinite(next.value)) return best;
    if (!best) return next;
    const isBetter = better === 'higher' ? next.value > best.value : next.value < best.value;
    return isBetter ? next : best;
  }, undefined);
}

/**
 * Whether a run ends after its latest evaluation: the last `patience` ones were not better than one before
 * them.
 *
 * @param since the version after which evaluations count as without improvement: that at which the run was
 *   extended, so that it is trained on, else 0
 */
export function endsEarly(
  measured: readonly Measured[],
  better: Better,
  patience: number,
  since = 0,
): boolean {
  const from = Math.max(since, bestOf(measured, better)?.version ?? 0);
  return measured.filter(({ version }) => version > from).length >= patience;
}

function ascending(measured: readonly Measured[]): readonly Measured[] {
  return [...measured].sort((a, b) => a.version - b.version);
}
