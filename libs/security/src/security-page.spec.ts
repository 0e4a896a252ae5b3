import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const docs = new URL('../../../docs/', import.meta.url);
const page = readFileSync(new URL('security.md', docs), 'utf8');
const [, section = ''] = /\n## What others can and cannot do\n([\s\S]*?)\n## /.exec(page) ?? [];

const lines = section.split('\n').flatMap((line) => {
  const [, statement, tests] = /^\| (.+?) +\| (.+?) +\|$/.exec(line) ?? [];
  return statement && tests && !/^-+$/.test(tests) && tests !== 'test'
    ? [{ statement, tests }]
    : [];
});

it('has lines', () => {
  expect(lines.length).toBeGreaterThan(20);
});

it.each(lines)('$statement: the page names a test that exists', ({ tests }) => {
  const named = [...tests.matchAll(/\]\((.+?)\) "(.+?)"/g)];
  expect(named.length).toBeGreaterThan(0);
  for (const [, path = '', title = ''] of named) {
    const file = new URL(path, docs);
    expect(existsSync(file), fileURLToPath(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain(title);
  }
});
