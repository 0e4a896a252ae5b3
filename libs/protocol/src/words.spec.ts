import { LockstepError } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import * as wire from './generated/lockstep/v1/lockstep.js';
import { refusalReasons, runStates, verdicts, wireFormats, wordOf } from './words.js';

const tables = {
  Verdict: [verdicts, wire.Verdict],
  RefusalReason: [refusalReasons, wire.RefusalReason],
  RunState: [runStates, wire.RunState],
  WireFormat: [wireFormats, wire.WireFormat],
} as const;

describe.each(Object.entries(tables))('%s', (_name, [table, numbers]) => {
  const known = Object.values(numbers).filter(
    (value): value is number => typeof value === 'number' && value > 0,
  );

  it('has one name for every number of the .proto file', () => {
    expect(Object.values<number>(table).sort()).toEqual(known.sort());
  });

  it('converts in both directions', () => {
    for (const [word, number] of Object.entries<number>(table)) {
      expect(wordOf<string>(table, number)).toBe(word);
    }
  });

  it('refuses numbers without a name', () => {
    for (const number of [0, -1, 1_000]) {
      expect(() => wordOf<string>(table, number)).toThrow(LockstepError);
    }
  });
});
