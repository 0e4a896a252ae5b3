import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTable } from './read-table.js';
import type { Table } from './table-builder.js';
import { tableReader } from './table-reader.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-read-table-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Without what the reader takes for numbers, and white space around it. */
const texts = fc
  .string({ unit: fc.constantFrom(...'aZ",;|\té\n\r 漢'), maxLength: 6 })
  .map((text) => text.trim());
const cells = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.integer({ min: 0, max: 255 }),
  texts,
);
const tables = fc
  .tuple(fc.integer({ min: 2, max: 5 }), fc.constantFrom(',', ';', '\t', '|'), fc.boolean())
  .chain(([width, delimiter, mark]) =>
    fc
      .array(fc.array(cells, { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 90,
      })
      .map((rows) => ({ rows, delimiter, mark })),
  );

function written(cell: number | string, delimiter: string): string {
  const text = Object.is(cell, -0) ? '-0' : String(cell);
  const needsQuotes =
    text === '' || [delimiter, '"', '\n', '\r'].some((each) => text.includes(each));
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}

it('gives back the numbers and texts of a table that was written', async () => {
  const file = join(folder, 'written.csv');
  await fc.assert(
    fc.asyncProperty(tables, async ({ rows, delimiter, mark }) => {
      const names = rows[0]?.map((_, n) => `n${n}`) ?? [];
      const lines = [names, ...rows].map((row) =>
        row.map((cell) => written(cell, delimiter)).join(delimiter),
      );
      await writeFile(file, `${mark ? '\ufeff' : ''}${lines.join('\n')}\n`);
      const table = await readTable(file, { header: 'yes' });
      expect(table.names).toEqual(names);
      const found = rows.map((row, r) =>
        row.map((cell, n) => {
          const column = table.columns[n];
          return typeof cell === 'number' ? column?.number(r) : column?.text(r);
        }),
      );
      expect(found).toEqual(rows);
    }),
    { numRuns: 150 },
  );
});

it('refuses a mutated table by name, or reads it', async () => {
  const file = join(folder, 'mutated.csv');
  const row = (n: number): string => `${n},${n / 3},"k ${n % 3}",${n % 2 ? 'a' : 'b'}`;
  const rows = Array.from({ length: 40 }, (_, n) => row(n)).join('\n');
  const quoted = `id,size,kind,label\n${rows}\n`;
  const sounds = [quoted, quoted.replaceAll('"', '')].map((text) => Buffer.from(text));
  const odd = fc.constantFrom(...Buffer.from('",;\n\r\t\0\xffe-<9N', 'latin1'));
  const changes = fc.array(fc.tuple(fc.nat(quoted.length), odd), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...sounds), changes, fc.nat(), async (sound, flips, cut) => {
      const bytes = Buffer.from(sound);
      for (const [at, byte] of flips) bytes[at % bytes.length] = byte;
      await writeFile(file, cut % 4 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes);
      try {
        const { train } = await tableReader.make({}).read(file);
        expect(train.inputs.every((value) => Number.isFinite(value))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(LockstepError);
        expect(error).toMatchObject({ message: expect.stringContaining('mutated.csv') as string });
      }
    }),
    { numRuns: 500 },
  );
});

it('reads rows alike whether or not a cell is quoted', async () => {
  const file = join(folder, 'alike.csv');
  const words = fc.string({ unit: fc.constantFrom(...'a1.é'), minLength: 1, maxLength: 4 });
  const rows = fc.array(fc.array(words, { minLength: 1, maxLength: 3 }), { minLength: 1 });
  const ends = fc.constantFrom('\n', '\r\n', ' \n\n');
  const read = async (content: string): Promise<unknown> => {
    await writeFile(file, content);
    const found = await readTable(file, { delimiter: ',' }).catch((error: unknown) => error);
    if (found instanceof LockstepError) return found.message;
    const { columns, ...rest } = found as Table;
    return { ...rest, cells: rest.lines.map((_, row) => columns.map((each) => each.text(row))) };
  };
  await fc.assert(
    fc.asyncProperty(rows, fc.nat(30), fc.array(ends, { minLength: 1 }), async (table, at, by) => {
      const write = (quotedCell: number): string => {
        let n = 0;
        const cell = (text: string): string => (n++ === quotedCell ? `"${text}"` : text);
        const line = (row: readonly string[], r: number): string =>
          row.map(cell).join(',') + (by[r % by.length] ?? '');
        return table.map(line).join('');
      };
      expect(await read(write(at % table.flat().length))).toEqual(await read(write(-1)));
    }),
    { numRuns: 200 },
  );
});
