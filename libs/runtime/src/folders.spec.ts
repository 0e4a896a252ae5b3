import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fillCacheFolder, cloneRoot } from './folders.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'folders-'));
});
afterEach(() => rmSync(base, { recursive: true }));

const fillWith = (text: string) => (temporary: string) => {
  writeFileSync(join(temporary, 'file'), text);
  return Promise.resolve();
};

describe('fillCacheFolder', () => {
  it('lets the first of two at once win, and leaves no temporary folder', async () => {
    const path = join(base, 'deep', 'cache');
    await Promise.all([fillCacheFolder(path, fillWith('a')), fillCacheFolder(path, fillWith('b'))]);
    expect(['a', 'b']).toContain(readFileSync(join(path, 'file'), 'utf8'));
    expect(readdirSync(join(base, 'deep'))).toEqual(['cache']);
  });

  it('is filled once by two at once, and not again', async () => {
    const path = join(base, 'cache');
    let count = 0;
    const fill = async (temporary: string): Promise<void> => {
      count += 1;
      await fillWith('once')(temporary);
    };
    await Promise.all([fillCacheFolder(path, fill), fillCacheFolder(path, fill)]);
    await fillCacheFolder(path, fill);
    expect(count).toBe(1);
  });

  it('leaves nothing behind when filling fails', async () => {
    const failing = fillCacheFolder(join(base, 'cache'), () => Promise.reject(new Error('torn')));
    await expect(failing).rejects.toThrow('torn');
    expect(readdirSync(base)).toEqual([]);
  });
});

describe('cloneRoot', () => {
  it('is the folder with the lock', () => {
    expect(readdirSync(cloneRoot())).toContain('package-lock.json');
  });
});
