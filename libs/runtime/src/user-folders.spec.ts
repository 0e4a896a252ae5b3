import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { cacheBase, temporaryFolder, type UserCircumstances } from './user-folders.js';

let base: string;
const uid = process.getuid?.() ?? 0;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'user-folders-'));
  for (const name of ['root', 'home', 'tmp']) mkdirSync(join(base, name));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
});

function cacheFor(given: Partial<UserCircumstances>): string {
  const [root, home, temporary] = ['root', 'home', 'tmp'].map((name) => join(base, name));
  if (root === undefined || temporary === undefined) throw new Error('there are three folders');
  return cacheBase({ root, home, temporary, uid, ...given }).slice(base.length);
}

describe('the folder of caches', () => {
  it('is where the user has it', () => {
    expect(cacheFor({})).toBe('/home/.cache');
    expect(cacheFor({ xdgCacheHome: join(base, 'xdg', 'cache') })).toBe('/xdg/cache');
    expect(cacheFor({ home: join(base, 'new', 'home') })).toBe('/new/home/.cache');
  });

  it.each([undefined, '/', '/dev/null', '/dev/null/home'])(
    'is in the clone where the home is %s',
    (home) => {
      expect(cacheFor({ home })).toBe('/root/.lockstep/home/.cache');
      expect(statSync(join(base, 'root/.lockstep/home')).mode & 0o777).toBe(0o700);
    },
  );

  it('is not where XDG_CACHE_HOME names no folder', () => {
    expect(cacheFor({ xdgCacheHome: 'relative' })).toBe('/home/.cache');
    expect(cacheFor({ xdgCacheHome: '/dev/null/cache' })).toBe('/home/.cache');
  });

  it('is in the temporary folder where the clone cannot be written either', () => {
    const name = `/tmp/lockstep-${uid}/.cache`;
    expect(cacheFor({ home: undefined, root: '/dev/null' })).toBe(name);
  });
});

describe('the temporary folder', () => {
  it('is the one that is asked for, or the system’s', () => {
    expect(temporaryFolder(base)).toBe(base);
    expect(temporaryFolder(join(base, 'absent'))).toBe('/tmp');
    expect(temporaryFolder('/dev/null')).toBe('/tmp');
  });
});
