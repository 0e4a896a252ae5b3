import { LockstepError, sizeOf } from '@lockstep/core';
import type { DataSet, Split } from '../data-set.js';
import { splitSamples } from '../split/split-samples.js';
import { valuesHash } from '../values-hash.js';
import { chooseColumns } from './choose-columns.js';
import { encodeRows, type EncodedRows } from './encode-rows.js';
import { fitEncoding } from './fit-encoding.js';
import type { TableFiles } from './locate-tables.js';
import { readTable } from './read-table.js';
import type { Table } from './table-builder.js';
import { columnOf, readTargets, type TableTargets } from './read-targets.js';
import { encodedWidth, type TableEncoding } from './table-encoding.js';
import { countsNote, inputsNote, pixelsHint, splitNote } from './table-notes.js';
import { readTestTable } from './test-table.js';
import type { TableSettings } from './table-settings.js';

/** Rows of a table as samples. */
interface Samples extends TableTargets {
  readonly table: Table;
  /** In the order of the samples. */
  readonly rows: Uint32Array;
}

/**
 * Reads tables as a data set: targets, division into training and test rows, then the inputs, encoded as
 * the training rows determine.
 *
 * @throws LockstepError `data-not-found`, `data-damaged`, `data-invalid` or `bad-option`
 */
export async function readTables(files: TableFiles, settings: TableSettings): Promise<DataSet> {
  const table = await readTable(files.train, settings);
  const { target, inputs, notes } = chooseColumns(table, settings);
  const known = readTargets(table, target, settings.task);
  const { classNames } = known;
  const own = await readTestTable(files.test, table, target, settings);
  const samples = own.table
    ? { train: allOf(table, known), test: allOf(own.table, own.targets(known)) }
    : divided(table, known, settings);
  const encoding = encodingOf(samples.train, target, inputs, settings);
  const train = encodedSplit(samples.train, encoding);
  const test = encodedSplit(samples.test, encoding);
  const content = {
    inputShape: shapeOf(table.file, encoding, settings),
    target: classNames ? { classes: classNames.length } : { values: 1 },
    ...{ train: train.split, test: test.split },
  };
  return {
    ...{ name: files.name, sha256: valuesHash(content), ...content, encoding },
    ...(classNames && { classNames }),
    notes: [
      ...notes,
      inputsNote(encoding),
      ...pixelsHint(table, inputs, settings),
      ...(own.table ? [] : [splitNote(settings, own.note)]),
      ...countsNote('missing numbers, read as the mean', [train.missing, test.missing]),
      ...countsNote('texts that only test rows have', [test.unknown]),
    ],
  };
}

function allOf(table: Table, targets: TableTargets): Samples {
  return { table, rows: Uint32Array.from(table.lines, (_, row) => row), ...targets };
}

function divided(
  table: Table,
  known: TableTargets,
  settings: TableSettings,
): { readonly train: Samples; readonly test: Samples } {
  const classes = known.targets instanceof Int32Array ? known.targets : undefined;
  const { train, test } = splitSamples(table.lines.length, classes, settings, table.file);
  return { train: { table, rows: train, ...known }, test: { table, rows: test, ...known } };
}

function encodingOf(
  { table, rows }: Samples,
  target: number,
  inputs: readonly number[],
  { shape, scale, delimiter }: TableSettings,
): TableEncoding {
  const arePixels =
    shape?.length === 3 &&
    scale !== 'standard' &&
    inputs.every((index) => columnOf(table, index).isBytes);
  return {
    target: table.names[target] ?? '',
    ...(!table.hasHeader && { columnCount: table.names.length }),
    ...(delimiter !== undefined && { delimiter }),
    columns: arePixels
      ? { pixels: inputs.map((index) => table.names[index] ?? '') }
      : [...fitEncoding(table, inputs, rows, scale ?? 'standard')],
  };
}

/** @throws LockstepError `bad-option` where `--shape` is of another size */
function shapeOf(
  file: string,
  encoding: TableEncoding,
  { shape }: TableSettings,
): readonly number[] {
  const width = encodedWidth(encoding);
  if (!shape || sizeOf(shape) === width) return shape ?? [width];
  throw new LockstepError(
    'bad-option',
    `--shape ${shape.join(',')} is of ${sizeOf(shape)} values, a row of ${file} has ${width} inputs`,
    { remedy: 'give a shape of that size, or leave columns out with --ignore-columns' },
  );
}

function encodedSplit(
  { table, rows, targets }: Samples,
  encoding: TableEncoding,
): Omit<EncodedRows, 'inputs'> & { readonly split: Split } {
  const { inputs, ...replaced } = encodeRows(table, encoding, rows);
  const chosen =
    targets instanceof Int32Array
      ? Int32Array.from(rows, (row) => targets[row] ?? 0)
      : Float32Array.from(rows, (row) => targets[row] ?? 0);
  return { split: { count: rows.length, inputs, targets: chosen }, ...replaced };
}
