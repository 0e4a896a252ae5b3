import type { StepRow } from '../api/reply.js';

/** A run's steps by column, in step order, for charts. */
export interface StepColumns {
  readonly length: number;
  readonly step: Float64Array;
  /** Milliseconds since the epoch. */
  readonly at: Float64Array;
  readonly loss: Float64Array;
  /** NaN where it was not measured. */
  readonly trainAccuracy: Float64Array;
  readonly samplesPerSecond: Float64Array;
  /** Duration of the step in milliseconds; NaN if unknown. */
  readonly stepMs: Float64Array;
  readonly learningRate: Float64Array;
  readonly workers: Float64Array;
}

export const columnNames = [
  'step',
  'at',
  'loss',
  'trainAccuracy',
  'samplesPerSecond',
  'stepMs',
  'learningRate',
  'workers',
] as const;
type Held = Record<(typeof columnNames)[number], Float64Array>;

const FIRST_CAPACITY = 1_024;

/** Columns that double their capacity when it is used up. */
export class GrowingSteps {
  #held = withCapacity(FIRST_CAPACITY);
  #length = 0;

  constructor(rows: readonly StepRow[] = []) {
    this.replace(rows);
  }

  /** Views of the current columns; a later `add` may not be visible in them. */
  get columns(): StepColumns {
    const views = columnNames.map((name) => [name, this.#held[name].subarray(0, this.#length)]);
    return { ...(Object.fromEntries(views) as Held), length: this.#length };
  }

  /** Adds a step; a recomputed step replaces the earlier one and all after it. */
  add(row: StepRow): void {
    while (this.#length > 0 && (this.#held.step[this.#length - 1] ?? 0) >= row.step) {
      this.#length -= 1;
    }
    if (this.#length === this.#held.step.length) {
      this.#held = withCapacity(2 * this.#length, this.#held);
    }
    for (const name of columnNames) this.#held[name][this.#length] = row[name] ?? Number.NaN;
    this.#length += 1;
  }

  replace(rows: readonly StepRow[]): void {
    this.#length = 0;
    for (const row of rows) this.add(row);
  }
}

function withCapacity(capacity: number, before?: Held): Held {
  const columns = columnNames.map((name) => {
    const column = new Float64Array(capacity);
    if (before) column.set(before[name]);
    return [name, column];
  });
  return Object.fromEntries(columns) as Held;
}
