import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSpec, type DataSet } from '../data-set.js';
import { tableReader } from './table-reader.js';
import type { TableSettings } from './table-settings.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockstep-table-'));
});
afterAll(() => rm(root, { recursive: true }));

let files = 0;
async function write(content: string | Uint8Array, extension = 'csv'): Promise<string> {
  const file = join(root, `table-${++files}.${extension}`);
  await writeFile(file, content);
  return file;
}

async function writeFolder(contents: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(root, `folder-${++files}`);
  await mkdir(folder);
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const read = (path: string, settings: TableSettings = {}): Promise<DataSet> =>
  tableReader.make(tableReader.schema.parse(settings)).read(path);

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
    const data = await read(await write(PARITY));
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
    const { sha256 } = await read(await write(PARITY));
    const quoted = PARITY.replace(/[^,\n]+/g, '"$&"');
    const others = [
      await write(PARITY.replaceAll(',', '\t'), 'tsv'),
      await write(PARITY.replaceAll(',', ' ; ')),
      await write(gzipSync(PARITY), 'csv.gz'),
      await write(`\ufeff${quoted.replaceAll('\n', '\r\n')}\r\n\r\n`),
      await write(PARITY.replaceAll(',', '|'), 'data'),
    ];
    for (const file of others) expect((await read(file)).sha256).toBe(sha256);
    const bare = await write(PARITY.slice(PARITY.indexOf('\n') + 1));
    expect(await read(bare)).toMatchObject({
      sha256,
      encoding: { target: 'column 3', columnCount: 3 },
    });
  });

  it('fits to the training rows alone: unknown texts are zeros, missing numbers the mean', async () => {
    const folder = await writeFolder({
      'train.csv': 'y,size,kind\n1.5,1,a\n2.5,,b\n3.5,3,\n',
      'test.csv': 'kind,y,size\nc,9,NA\n,8,5\n',
    });
    const data = await read(folder);
    const unit = Math.fround(1);
    expect([...data.train.inputs]).toEqual([-unit, 0, 1, 0, 0, 0, 0, 1, unit, 1, 0, 0]);
    expect([...data.test.inputs]).toEqual([0, 0, 0, 0, 3, 1, 0, 0]);
    expect([...data.test.targets]).toEqual([9, 8]);
    expect(data.notes?.slice(2)).toEqual([
      'missing numbers, read as the mean: size 2',
      'texts that only test rows have: kind 1',
    ]);
    await expect(read(folder, { testSplit: 0.5 })).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining('--test-split is for data without a test set') as string,
    });
  });

  it('of Kaggle has secret test targets, and pixels by --shape', async () => {
    const pixels = [0, 1, 2, 3].map((n) => `pixel${n}`);
    const row = (n: number): string => `${n % 3},${n},0,255,7`;
    const folder = await writeFolder({
      'train.csv': `label,${pixels.join()}\n${Array.from({ length: 15 }, (_, n) => row(n)).join('\n')}`,
      'test.csv': `${pixels.join()}\n1,2,3,4\n`,
    });
    const data = await read(folder, { shape: [2, 2, 1], splitSeed: 3 });
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
    await expect(read(folder, { shape: [28, 28, 1] })).rejects.toThrow('a row of');
  });

  it('leaves out the row numbers of pandas, and what the user names', async () => {
    const rows = Array.from({ length: 10 }, (_, n) => `${n},id${n},${n / 4},${n / 2}`);
    const file = await write(`,id,x,z\n${rows.join('\n')}`);
    expect((await read(file, { ignoreColumns: 'id' })).encoding).toMatchObject({
      target: 'z',
      columns: [{ name: 'x' }],
    });
    expect((await read(file, { ignoreColumns: '2', target: '3' })).encoding).toMatchObject({
      target: 'x',
      columns: [{ name: 'z' }],
    });
  });

  it('numbers classes by value, and texts by code units', async () => {
    const rows = (labels: readonly string[]): string =>
      `x,class\n${Array.from({ length: 40 }, (_, n) => `${n},${labels[n % labels.length]}`).join('\n')}`;
    expect((await read(await write(rows(['10', '9', '1'])))).classNames).toEqual(['1', '9', '10']);
    expect((await read(await write(rows(['é', 'z', 'A'])))).classNames).toEqual(['A', 'z', 'é']);
    const years = rows(['2010', '2011']);
    expect((await read(await write(years), { task: 'values' })).target).toEqual({ values: 1 });
  });
});

describe('a table is refused, by line:', () => {
  const rows = (row: (n: number) => string, header = 'a,b,y'): string =>
    `${header}\n${Array.from({ length: 30 }, (_, n) => row(n)).join('\n')}\n`;
  const sound = (n: number): string => `${n},${n / 2},${n / 3}`;
  const at = (line: number, row: string): string => rows((n) => (n + 2 === line ? row : sound(n)));

  it.each<[string, string | Uint8Array, string, string, TableSettings?]>([
    [
      'rows of unequal length',
      at(7, '1,2'),
      'data-damaged',
      'line 7: the row has 2 cells, line 1 has 3',
    ],
    [
      'text among numbers',
      at(9, '1,oops,3'),
      'data-invalid',
      'line 9: column b holds "oops" among numbers',
    ],
    ['NaN', at(5, 'NaN,1,3'), 'data-invalid', 'line 5: column a holds "NaN" among numbers'],
    ['infinity', at(5, '-inf,1,3'), 'data-invalid', 'line 5: column a holds "-inf"'],
    [
      'a number beyond all bounds',
      at(5, '1e999,1,3'),
      'data-invalid',
      'line 5: column a holds "1e999"',
    ],
    [
      'a number beyond float32',
      at(5, '1e99,1,3'),
      'data-invalid',
      'line 5: column a holds "1e+99"',
      { scale: 'none' },
    ],
    [
      'numbers whose squares overflow',
      at(5, '1e300,1,3'),
      'data-invalid',
      'column a are too large',
    ],
    ['a target that is missing', at(4, '1,2,'), 'data-invalid', 'line 4: the target y is missing'],
    [
      'a text for a regression',
      at(4, '1,2,x'),
      'data-invalid',
      'line 4: the target y is "x"',
      { task: 'values' },
    ],
    [
      'a target that is marked as missing',
      at(4, '1,2,NA'),
      'data-invalid',
      'line 4: the target y is missing',
    ],
    [
      'a text among the values of the target',
      at(4, '1,2,x'),
      'data-invalid',
      'line 4: the target y is "x" among numbers',
    ],
    [
      'a target of names',
      rows((n) => `1,2,Jo ${n}`),
      'data-invalid',
      '30 distinct texts in 30 rows',
    ],
    [
      'a single class',
      rows((n) => `${n},1,cat`),
      'data-invalid',
      'all 30 rows have the class "cat"',
    ],
    [
      'whole numbers that may be either',
      rows((n) => `${n},1,${n}`),
      'data-invalid',
      '30 distinct whole numbers in 30 rows',
    ],
    [
      'a column of names',
      rows((n) => `Jo ${n},1,${n / 3}`),
      'data-invalid',
      'too many distinct texts for categories in 24 training rows: a (24); at most 12',
    ],
    [
      'a column without values',
      rows((n) => `,1,${n / 3}`),
      'data-invalid',
      'column a has no value',
    ],
    [
      'columns of one name',
      rows(sound, 'a,a,y'),
      'data-damaged',
      'line 1: two columns are named "a"',
    ],
    [
      'a target that is not there',
      rows(sound),
      'bad-option',
      'no such column; did you mean b?',
      { target: 'B' },
    ],
    ['a target number beyond', rows(sound), 'bad-option', 'no such column', { target: '4' }],
    [
      'a target by name without header',
      rows(sound, '1,2,3'),
      'bad-option',
      'has no header, its first row is "1", "2", "3"',
      { target: 'y' },
    ],
    [
      'an ignored target',
      rows(sound),
      'bad-option',
      '--ignore-columns names the target of',
      { target: 'y', ignoreColumns: 'y' },
    ],
    ['a single column', rows((n) => `${n}`, 'y'), 'data-invalid', 'no column remains'],
    ['an open quote', at(6, '1,"2,3'), 'data-damaged', 'line 6: a quote (") is opened'],
    ['a quote within a cell', at(6, '1,2"2,3'), 'data-damaged', 'line 6: a quote (") stands'],
    ['an empty file', '', 'data-damaged', 'it is empty'],
    ['empty lines', '\n\n\n', 'data-damaged', 'it holds no rows'],
    ['a header alone', 'a,b,y\n', 'data-damaged', 'and no rows'],
    [
      'a web page',
      '<!doctype html><html><body>Sign in, please, now',
      'data-damaged',
      'it is an HTML page',
    ],
    [
      'a picture',
      Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'),
      'data-damaged',
      'it is a PNG picture',
    ],
    [
      'Latin-1',
      Buffer.from(at(8, '1,\xe9,3'), 'latin1'),
      'data-damaged',
      'line 8: it is not text in UTF-8',
    ],
    [
      'UTF-16',
      Buffer.from(`\ufeff${rows(sound)}`, 'utf16le'),
      'data-damaged',
      'it is text in UTF-16',
    ],
    [
      'a gzip cut short',
      gzipSync(rows(sound)).subarray(0, 90),
      'data-damaged',
      'its gzip cannot be opened',
    ],
  ])('%s', async (_, content, code, message, settings = {}) => {
    const file = await write(content);
    const reading = read(file, settings);
    await expect(reading).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
    await expect(reading).rejects.toThrow(file);
  });

  it('a class of test rows alone, columns that test rows lack, and two training tables', async () => {
    const train = 'x,y\n1,a\n2,b\n';
    const other = await writeFolder({ 'train.csv': train, 'test.csv': 'x,y\n1,a\n2,c\n' });
    await expect(read(other)).rejects.toThrow('test.csv, line 3: its class "c" is not among');
    const lacking = await writeFolder({ 'train.csv': train, 'test.csv': 'z,y\n1,a\n' });
    await expect(read(lacking)).rejects.toThrow(
      'test.csv: it lacks columns of the training table: "x"',
    );
    const two = await writeFolder({ 'a_train.csv': train, 'b_train.csv': train });
    await expect(read(two)).rejects.toThrow('holds a_train.csv and b_train.csv');
  });
});
