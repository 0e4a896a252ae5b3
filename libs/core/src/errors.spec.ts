import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCatalogue, LockstepError } from './errors.js';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const documented = [...page.matchAll(/^\| `([a-z-]+)`\s+\| ([12])\s+\|/gm)].map(
  ([, code, exit]) => [code, Number(exit)],
);

describe('the error catalogue', () => {
  it('is documented, code by code, with its exit code', () => {
    const catalogue = Object.entries(errorCatalogue).map(([code, { exitCode }]) => [
      code,
      exitCode,
    ]);
    expect(documented).toEqual(catalogue);
  });
});

describe('LockstepError.from', () => {
  it('keeps what is one already', () => {
    const error = new LockstepError('data-damaged', 'x');
    expect(LockstepError.from(error, 'run-failed')).toBe(error);
  });

  it('wraps anything else, keeping it as the cause', () => {
    const cause = new TypeError('boom');
    expect(LockstepError.from(cause)).toMatchObject({ code: 'internal', message: 'boom', cause });
    expect(LockstepError.from('text', 'run-failed')).toMatchObject({
      code: 'run-failed',
      message: 'text',
      exitCode: 1,
    });
  });
});
