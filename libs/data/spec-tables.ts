import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { DataSet } from './src/data-set.js';
import { tableReader } from './src/table/table-reader.js';
import type { TableSettings } from './src/table/table-settings.js';

let root = '';

/** Creates a folder for the tables of a spec file, and removes it afterwards. */
export function useTables(): void {
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'lockstep-table-'));
  });
  afterAll(() => rm(root, { recursive: true }));
}

/** Writes a table into a folder of its own. */
export async function writeTable(
  content: string | Uint8Array,
  name = 'table.csv',
): Promise<string> {
  const file = join(await mkdtemp(join(root, 'set-')), name);
  await writeFile(file, content);
  return file;
}

export async function writeTables(contents: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(root, 'set-'));
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(join(folder, name), content);
  }
  return folder;
}

export function readTables(path: string, settings: TableSettings = {}): Promise<DataSet> {
  return tableReader.make(tableReader.schema.parse(settings)).read(path);
}
