import type { StepRow } from '../api/reply.js';

/** A run's steps by column, in step order: what charts read, without a copy at every step. */
export interface StepColumns {
  readonly length: number;
  readonly step: Float64Array;
  /** Milliseconds since the epoch. */
  readonly at: Float64Array;
  readonly loss: Float64Array;
  /** NaN where none was taken. */
  readonly trainAccuracy: Float64Array;
  readonly samplesPerSecond: Float64Array;
  /** Milliseconds that the step took; NaN where that is not known. */
  readonly stepMs: Float64Array;
  readonly learningRate: Float64Array;
  readonly workers: Float64Array;
}

export interface GrowingSteps {
  /** Views on what is held now; a later `add` may leave them behind. */
  readonly columns: StepColumns;
  /** Adds a step; one computed again takes the place of what it was and of all after it. */
  add(row: StepRow): void;
  replace(rows: readonly StepRow[]): void;
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

const FIRST_ROOM = 1_024;

/** Columns that double their room when it is used up. */
export function createGrowingSteps(rows: readonly StepRow[] = []): GrowingSteps {
  let held = makeRoom(FIRST_ROOM);
  let length = 0;
  const add = (row: StepRow): void => {
    while (length > 0 && (held.step[length - 1] ?? 0) >= row.step) length -= 1;
    if (length === held.step.length) held = makeRoom(2 * length, held);
    for (const name of columnNames) held[name][length] = row[name] ?? Number.NaN;
    length += 1;
  };
  const replace = (all: readonly StepRow[]): void => {
    length = 0;
    for (const row of all) add(row);
  };
  replace(rows);
  return {
    get columns() {
      const views = columnNames.map((name) => [name, held[name].subarray(0, length)]);
      return { ...(Object.fromEntries(views) as Held), length };
    },
    add,
    replace,
  };
}

function makeRoom(room: number, before?: Held): Held {
  const columns = columnNames.map((name) => {
    const column = new Float64Array(room);
    if (before) column.set(before[name]);
    return [name, column];
  });
  return Object.fromEntries(columns) as Held;
}
