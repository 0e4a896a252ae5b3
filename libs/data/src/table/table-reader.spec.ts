import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readTables, useTables, writeTable, writeTables } from '../../spec-tables.js';
import { dataSpec } from '../data-set.js';
import { tableReader } from './table-reader.js';

useTables();

/** 3 columns, 20 rows: an odd number and its parity. */
const PARITY = [
  'number,colour,label',
  ...Array.from(
    { length: 20 },
    (_, n) => `${n},${n < 10 ? 'red' : 'blue'},${n % 2 ? 'odd' : 'even'}`,
  ),
].join('\n');

describe('a table', () => {
  it('becomes scaled numbers, one input per category, and classes by name', async () => {
    const data = await readTables(await writeTable(PARITY));
    expect(dataSpec(data)).toMatchObject({
      ...{ trainCount: 16, testCount: 4, inputShape: [3], target: { classes: 2 } },
    });
    expect(data.classNames).toEqual(['even', 'odd']);
    const { inputs, targets } = data.train;
    const numbers = Array.from({ length: 16 }, (_, n) => inputs[3 * n] ?? NaN);
    expect(numbers.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0, 5);
    expect(numbers.reduce((sum, each) => sum + each * each, 0) / 16).toBeCloseTo(1, 5);
    expect([...inputs.subarray(1, 3)]).toEqual([0, 1]); // categories: blue, red
    expect([...targets.subarray(0, 2)]).toEqual([0, 1]);
    expect(data.notes).toEqual([
      'target: label (by its name)',
      'inputs: 1 column of numbers (mean 0, deviation 1), 1 column of texts (2 categories)',
      'test set: 20 % of the rows, by seed 0',
    ]);
  });

  it('is the same as CSV, TSV, with semicolons, gzipped, with CRLF, quotes and byte order mark', async () => {
    const { sha256 } = await readTables(await writeTable(PARITY));
    const quoted = PARITY.replace(/[^,\n]+/g, '"$&"');
    const others = [
      await writeTable(PARITY.replaceAll(',', '\t'), 'table.tsv'),
      await writeTable(PARITY.replaceAll(',', ' ; ')),
      await writeTable(gzipSync(PARITY), 'table.csv.gz'),
      await writeTable(`\ufeff${quoted.replaceAll('\n', '\r\n')}\r\n\r\n`),
      await writeTable(PARITY.replaceAll(',', '|'), 'table.data'),
    ];
    for (const file of others) expect((await readTables(file)).sha256).toBe(sha256);
    const bare = await writeTable(PARITY.slice(PARITY.indexOf('\n') + 1));
    expect(await readTables(bare)).toMatchObject({
      sha256,
      encoding: { target: 'column 3', columnCount: 3 },
    });
  });

  it('fits to the training rows alone: unknown texts are zeros, missing numbers the mean', async () => {
    const folder = await writeTables({
      'train.csv': 'y,size,kind\n1.5,1,a\n2.5,,b\n3.5,3,\n',
      'test.csv': 'kind,y,size\nc,9,NA\n,8,5\n',
    });
    const data = await readTables(folder);
    const unit = Math.fround(1);
    expect([...data.train.inputs]).toEqual([-unit, 0, 1, 0, 0, 0, 0, 1, unit, 1, 0, 0]);
    expect([...data.test.inputs]).toEqual([0, 0, 0, 0, 3, 1, 0, 0]);
    expect([...data.test.targets]).toEqual([9, 8]);
    expect(data.notes?.slice(2)).toEqual([
      'missing numbers, read as the mean: size 2',
      'texts that only test rows have: kind 1',
    ]);
    await expect(readTables(folder, { testSplit: 0.5 })).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining('--test-split is for data without a test set') as string,
    });
  });

  it('of Kaggle has secret test targets, and pixels by --shape', async () => {
    const pixels = [0, 1, 2, 3].map((n) => `pixel${n}`);
    const row = (n: number): string => `${n % 3},${n},0,255,7`;
    const folder = await writeTables({
      'train.csv': `label,${pixels.join()}\n${Array.from({ length: 15 }, (_, n) => row(n)).join('\n')}`,
      'test.csv': `${pixels.join()}\n1,2,3,4\n`,
    });
    const data = await readTables(folder, { shape: [2, 2, 1], splitSeed: 3 });
    expect(data.notes?.at(-1)).toBe(
      'test set: 20 % of the rows, by seed 3; test.csv has no column label',
    );
    expect(data).toMatchObject({ inputShape: [2, 2, 1], classNames: ['0', '1', '2'] });
    expect(data.train.inputs).toBeInstanceOf(Uint8Array);
    expect([...data.train.inputs.subarray(1, 4)]).toEqual([0, 255, 7]);
    const spec = dataSpec(data);
    const source = tableReader.make({ shape: [2, 2, 1], splitSeed: 3 });
    expect(await source.readTestSplit(folder, spec)).toEqual(data.test);
    await expect(source.readTestSplit(folder, { ...spec, testCount: 9 })).rejects.toMatchObject({
      code: 'data-invalid',
    });
    await expect(readTables(folder, { shape: [28, 28, 1] })).rejects.toThrow('a row of');
  });

  it('leaves out the row numbers of pandas, and what the user names', async () => {
    const rows = Array.from({ length: 10 }, (_, n) => `${n},id${n},${n / 4},${n / 2}`);
    const file = await writeTable(`,id,x,z\n${rows.join('\n')}`);
    expect((await readTables(file, { ignoreColumns: 'id' })).encoding).toMatchObject({
      target: 'z',
      columns: [{ name: 'x' }],
    });
    expect((await readTables(file, { ignoreColumns: '2', target: '3' })).encoding).toMatchObject({
      target: 'x',
      columns: [{ name: 'z' }],
    });
  });

  it('numbers classes by value, and texts by code units', async () => {
    const rows = (labels: readonly string[]): string =>
      `x,class\n${Array.from({ length: 40 }, (_, n) => `${n},${labels[n % labels.length]}`).join('\n')}`;
    expect((await readTables(await writeTable(rows(['10', '9', '1'])))).classNames).toEqual([
      '1',
      '9',
      '10',
    ]);
    expect((await readTables(await writeTable(rows(['é', 'z', 'A'])))).classNames).toEqual([
      'A',
      'z',
      'é',
    ]);
    const years = rows(['2010', '2011']);
    expect((await readTables(await writeTable(years), { task: 'values' })).target).toEqual({
      values: 1,
    });
  });
});
