import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, afterEach, beforeEach } from 'vitest';
import { localPath, makeFolder, probeFolder } from './local-folders.js';

describe('localPath', () => {
  it.each([
    ['model.mjs', resolve('model.mjs')],
    ['./a/../b c', resolve('b c')],
    ['/data/ünï', '/data/ünï'],
    ['~', homedir()],
    ['~/nets/a.ts', join(homedir(), 'nets/a.ts')],
    ['~other/a.ts', resolve('~other/a.ts')],
    ['file:///data/two%20words/a.mjs', '/data/two words/a.mjs'],
    ['FILE:///data/a', '/data/a'],
    ['file://elsewhere/data', resolve('file://elsewhere/data')],
  ])('%s is %s', (given, path) => {
    expect(localPath(given)).toBe(path);
  });

  it('gives the same for a path and for its URL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (name) => {
        const path = resolve('/base', name.replaceAll('\0', ''));
        expect(localPath(pathToFileURL(path).href)).toBe(path);
      }),
    );
  });
});

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'lockstep-folder-'));
});
afterEach(() => rm(base, { recursive: true }));

describe('makeFolder', () => {
  it('makes what is missing, and names it, the outermost first', async () => {
    const inner = join(base, 'a', 'b');
    expect(await makeFolder(inner, 0o700)).toEqual([join(base, 'a'), inner]);
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
    expect(await makeFolder(inner)).toEqual([]);
  });

  it('may be called twice at once', async () => {
    await Promise.all(['x', 'y'].map((name) => makeFolder(join(base, 'a', 'b', name))));
    expect((await readdir(join(base, 'a', 'b'))).sort()).toEqual(['x', 'y']);
  });
});

describe.each([
  ['makeFolder', makeFolder],
  ['probeFolder', probeFolder],
])('%s refuses', (_name, act: (path: string) => Promise<unknown>) => {
  it.each([
    ['a file', 'file', 'ENOTDIR'],
    ['a folder below a file', 'file/x/y', 'ENOTDIR'],
    ['a loop of links', 'loop/x', 'ELOOP'],
    ['too long a name', `${'x'.repeat(300)}`, 'ENAMETOOLONG'],
    ['too long a path', 'abcdefghi/'.repeat(500), 'ENAMETOOLONG'],
  ])('%s', async (_what, path, code) => {
    await writeFile(join(base, 'file'), '');
    await symlink('loop', join(base, 'loop'));
    await expect(act(join(base, path))).rejects.toMatchObject({ code });
  });

  it.runIf(existsSync('/proc/self'))('a name in a file system that takes none', async () => {
    await expect(act('/proc/lockstep/x')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('probeFolder', () => {
  it('leaves nothing behind', async () => {
    await probeFolder(base);
    await probeFolder(join(base, 'a', 'b'));
    expect(await readdir(base)).toEqual([]);
  });

  it('finds a link that leads nowhere', async () => {
    await symlink(join(base, 'nowhere'), join(base, 'link'));
    await expect(probeFolder(join(base, 'link'))).rejects.toMatchObject({ code: 'EEXIST' });
  });
});
