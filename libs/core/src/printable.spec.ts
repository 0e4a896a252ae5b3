import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printable, shortened } from './printable.js';

it('escapes what a terminal would execute or not show', () => {
  expect(printable('\u001b[2J\u001b]0;title\u0007')).toBe('\\u001b[2J\\u001b]0;title\\u0007');
  expect(printable('one\r\ntwo\tthree\u2028four')).toBe('one\\r\\ntwo\\tthree\\u2028four');
  expect(printable('\u009b31m \u202egnp.exe')).toBe('\\u009b31m \\u202egnp.exe');
});

it('leaves other text as it is, whatever its script', () => {
  for (const text of ['worker-1 on host.example', 'Größe: 3 µs, 日本語 😀', 'a\\nb']) {
    expect(printable(text)).toBe(text);
  }
});

it('gives one line without control characters, and escapes nothing twice', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(printable(shown)).toBe(shown);
    }),
  );
});

it('is cut to a length', () => {
  expect(shortened('abcdef', 6)).toBe('abcdef');
  expect(shortened('abcdefg', 6)).toBe('abcde…');
  expect(shortened('abcd😀fg', 6)).toBe('abcd…');
});
