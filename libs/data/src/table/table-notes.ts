import { USUAL_SHARE } from '../split/split-samples.js';
import type { Table } from './table-builder.js';
import { columnOf } from './read-targets.js';
import type { TableEncoding } from './table-encoding.js';
import type { TableSettings } from './table-settings.js';

/** What a row's inputs are. */
export function inputsNote({ columns }: TableEncoding): string {
  if ('pixels' in columns) return `inputs: ${counted(columns.pixels.length)} of pixels`;
  const texts = columns.flatMap((each) => ('categories' in each ? [each] : []));
  const numbers = columns.flatMap((each) => ('categories' in each ? [] : [each]));
  const isScaled = numbers.some(({ mean, deviation }) => mean !== 0 || deviation !== 1);
  const categories = texts.reduce((sum, each) => sum + each.categories.length, 0);
  const parts = [
    ...(numbers.length > 0
      ? [
          `${counted(numbers.length)} of numbers (${isScaled ? 'mean 0, deviation 1' : 'as they are'})`,
        ]
      : []),
    ...(texts.length > 0 ? [`${counted(texts.length)} of texts (${categories} categories)`] : []),
  ];
  return `inputs: ${parts.join(', ')}`;
}

function counted(columns: number): string {
  return `${columns} column${columns === 1 ? '' : 's'}`;
}

/** Where the test rows come from. */
export function splitNote({ testSplit, splitSeed = 0 }: TableSettings, why?: string): string {
  const share = 100 * (testSplit ?? USUAL_SHARE);
  const reason = why === undefined ? '' : `; ${why}`;
  return `test set: ${Number(share.toFixed(2))} % of the rows, by seed ${splitSeed}${reason}`;
}

/** Counts by column, such as `missing numbers: Age 177, Fare 1`. */
export function countsNote(
  what: string,
  counts: readonly ReadonlyMap<string, number>[],
): readonly string[] {
  const total = new Map<string, number>();
  for (const [name, cells] of counts.flatMap((each) => [...each])) {
    total.set(name, (total.get(name) ?? 0) + cells);
  }
  if (total.size === 0) return [];
  const shown = [...total].slice(0, MOST_NAMED).map(([name, cells]) => `${name} ${cells}`);
  return [`${what}: ${shown.join(', ')}${total.size > MOST_NAMED ? ', …' : ''}`];
}

const MOST_NAMED = 6;
/** Smaller squares of columns are hardly pictures. */
const SMALLEST_SIDE = 8;

/** Suggests a shape where the columns look like the pixels of square pictures. */
export function pixelsHint(
  table: Table,
  inputs: readonly number[],
  { shape }: TableSettings,
): readonly string[] {
  const side = Math.sqrt(inputs.length);
  const arePixels =
    shape === undefined &&
    side >= SMALLEST_SIDE &&
    Number.isInteger(side) &&
    inputs.every((index) => columnOf(table, index).isBytes);
  return arePixels ? [`if the columns are pixels: --shape ${side},${side},1`] : [];
}
