import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isName, LONGEST_NAME, toName } from './names.js';

it('is the host name and the id that processes have', () => {
  const names = ['worker-1', 'node7.rack_4.example', 'lockstep-worker-7d9f-x2', '::1', 'a@b'];
  expect(names.map(isName)).toEqual([true, true, true, false, true]);
});

it('has no character that a log, a terminal or a label would have to escape', () => {
  for (const text of ['', 'a b', 'a\nb', '\u001b[2J', 'a"b', 'ä', '-a', '../x', 'x'.repeat(201)]) {
    expect(isName(text), JSON.stringify(text)).toBe(false);
  }
});

it('can be made of any text, and stays as it is where it is one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2 * LONGEST_NAME }), (text) => {
      const name = toName(text);
      expect(isName(name)).toBe(true);
      if (isName(text)) expect(name).toBe(text);
    }),
  );
});
