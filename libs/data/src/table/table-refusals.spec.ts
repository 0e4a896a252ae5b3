import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readTables, useTables, writeTable, writeTables } from '../../spec-tables.js';
import type { TableSettings } from './table-settings.js';

useTables();

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
    [
      'decimal commas',
      rows((n) => `"${n},5",1,${n / 3}`),
      'data-invalid',
      'line 2: column a holds "0,5" among numbers',
    ],
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
    const file = await writeTable(content);
    const reading = readTables(file, settings);
    await expect(reading).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
    await expect(reading).rejects.toThrow(file);
  });

  it('a class of test rows alone, columns that test rows lack, and two training tables', async () => {
    const train = 'x,y\n1,a\n2,b\n';
    const other = await writeTables({ 'train.csv': train, 'test.csv': 'x,y\n1,a\n2,c\n' });
    await expect(readTables(other)).rejects.toThrow('test.csv, line 3: its class "c" is not among');
    const lacking = await writeTables({ 'train.csv': train, 'test.csv': 'z,y\n1,a\n' });
    await expect(readTables(lacking)).rejects.toThrow(
      'test.csv: it lacks columns of the training table: "x"',
    );
    const two = await writeTables({ 'a_train.csv': train, 'b_train.csv': train });
    await expect(readTables(two)).rejects.toThrow('holds a_train.csv and b_train.csv');
  });
});
