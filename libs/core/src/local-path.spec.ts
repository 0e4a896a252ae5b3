import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localPath } from './local-path.js';

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
