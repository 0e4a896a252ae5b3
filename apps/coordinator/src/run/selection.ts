import {
  bestOf,
  endsEarly,
  type BestEvaluation,
  type Evaluation,
  type Measured,
  type RunSpec,
  type SelectionRule,
} from '@lockstep/core';
import { measureOf, type Measure } from '@lockstep/model/objective';

/**
 * Decides by a run's evaluations when it ends and which version is its model. The evaluation of a version is
 * finished before the step after it is recorded, in that step's ledger line: so a decision depends on
 * the RunSpec alone, not on workers or on how often the run was resumed.
 */
export class Selection {
  readonly #rule: SelectionRule | undefined;
  readonly #measure: Measure;
  /** The version at which the run was extended last, 0 if never. */
  readonly #extendedAt: number;
  readonly #measured = new Map<number, Measured>();

  /** @param earlier evaluations of the versions that the run has, by earlier coordinators */
  constructor(spec: RunSpec, earlier: readonly Measured[]) {
    const { selection, segments = [] } = spec;
    this.#rule = selection;
    this.#measure = measureOf(spec);
    this.#extendedAt = segments.at(-1)?.afterStep ?? 0;
    if (selection) for (const each of earlier) this.#measured.set(each.version, each);
  }

  /** Whether the run's evaluations decide about it. */
  get isActive(): boolean {
    return this.#rule !== undefined;
  }

  /** Whether the best version is saved as the model. */
  get keepsBest(): boolean {
    return this.#rule?.keepBest === true;
  }

  add(evaluation: Evaluation): void {
    const { version } = evaluation;
    if (this.#rule) this.#measured.set(version, { version, value: this.#measure.of(evaluation) });
  }

  /** The evaluation of a version, for the ledger; undefined where it decides nothing. */
  at(version: number): Measured | undefined {
    return this.#measured.get(version);
  }

  /** The best evaluation so far; undefined where evaluations decide nothing. */
  get best(): BestEvaluation | undefined {
    const { metric, better } = this.#measure;
    const best = bestOf([...this.#measured.values()], better);
    return best && { step: best.version, metric, value: best.value };
  }

  /** Why the run ends before its last step; undefined where it continues. */
  get ends(): string | undefined {
    const patience = this.#rule?.earlyStopping;
    if (patience === undefined) return undefined;
    const measured = [...this.#measured.values()];
    if (!endsEarly(measured, this.#measure.better, patience, this.#extendedAt)) return undefined;
    const { best } = this;
    const since = best ? `better than that of step ${best.step}` : 'with a finite metric';
    return `early stopping: ${patience === 1 ? 'the last evaluation was not' : `none of the last ${patience} evaluations was`} ${since}`;
  }
}
