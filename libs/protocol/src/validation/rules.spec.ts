import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  FetchRequest,
  Granted,
  LogLine,
  RefusalReason,
  Refused,
  TakeReply,
} from '../generated/lockstep/v1/lockstep.js';
import {
  bytes,
  computed,
  enumOf,
  finite,
  flag,
  list,
  map,
  message,
  name,
  oneOf,
  optional,
  ProtocolViolation,
  required,
  sha256,
  text,
  whole,
  type Rule,
} from './rules.js';

const allows = <Value>(rule: Rule<Value>, value: Value): boolean => {
  try {
    rule.check(value, 'Message.field');
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolViolation);
    expect(error).toHaveProperty('message', expect.stringContaining('Message.field'));
    return false;
  }
};

describe('a rule', () => {
  it('for numbers allows those within its bounds, and no NaN', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(allows(finite({ min: -5, max: 5 }), value)).toBe(value >= -5 && value <= 5);
        const isWhole = Number.isInteger(value) && value >= 1 && value <= 9;
        expect(allows(whole({ min: 1, max: 9 }), value)).toBe(isWhole);
        const isComputed = !Number.isFinite(value) || Math.abs(value) <= 5;
        expect(allows(computed({ min: -5, max: 5 }), value)).toBe(isComputed);
      }),
    );
  });

  it('for texts bounds them, before it makes them printable', () => {
    expect(text({ max: 3 }).check('a\n\u001b', 'M.f')).toBe('a\\n\\u001b');
    expect(allows(text({ max: 3 }), 'abcd')).toBe(false);
    expect([allows(name(), 'worker-1'), allows(name(), 'worker 1')]).toEqual([true, false]);
    expect(allows(sha256(), 'A'.repeat(64))).toBe(false);
  });

  it('for bytes, lists, maps and enums bounds their number', () => {
    expect([0, 1, 2, 3].map((n) => allows(bytes({ min: 1, max: 2 }), new Uint8Array(n)))).toEqual([
      ...[false, true, true, false],
    ]);
    expect(allows(list(whole({ max: 1 }), { max: 2 }), [1, 1, 1])).toBe(false);
    expect(allows(list(whole({ max: 1 }), { max: 2 }), [1, 2])).toBe(false);
    const fields = map(name(), text({ max: 1 }), { max: 1 });
    expect(
      [{ a: 'b' }, { a: 'bc' }, { '': 'b' }, { a: '', b: '' }].map((each) => allows(fields, each)),
    ).toEqual([true, false, false, false]);
    expect([1, 3].map((each) => allows(enumOf<number>(1, 2), each))).toEqual([true, false]);
  });

  it('says whether a message may be absent', () => {
    expect(allows(required(whole({ max: 1 })), undefined)).toBe(false);
    expect(allows(optional(whole({ max: 1 })), undefined)).toBe(true);
    const refused = message<Refused>('Refused', {
      ...{ reason: enumOf<RefusalReason>(1), message: text({ max: 9 }) },
    });
    const cases = { granted: message<Granted>('Granted', {}), refused };
    expect(allows(oneOf<TakeReply['outcome']>(cases, 'refused'), undefined)).toBe(false);
    expect(allows(oneOf<TakeReply['outcome']>(cases, 'newer'), undefined)).toBe(true);
  });

  it('of a message names the field as the .proto does, and copies nothing that stays as it is', () => {
    const rule = message<LogLine>('LogLine', {
      ...{ number: whole({ max: 9 }), at: whole({ max: 9 }), warning: flag() },
      text: text({ max: 9 }),
    });
    const line = { number: 1, at: 1, warning: true, text: 'x' };
    expect(rule.check(line, '')).toBe(line);
    expect(rule.check({ ...line, text: '\n' }, '')).toEqual({ ...line, text: '\\n' });
    const fetch = message<FetchRequest & { stateBytes: number }>('Some', {
      ...{ session: name(), version: whole({ max: 1 }), stateBytes: whole({ max: 1 }) },
    });
    expect(() => fetch.check({ session: 's', version: 1, stateBytes: 2 }, '')).toThrow(
      'Some.state_bytes is not allowed: it must be a whole number from 0 to 1',
    );
  });

  it('is needed for every field and every case: without one it does not compile', () => {
    // @ts-expect-error -- version has no rule
    message<FetchRequest>('FetchRequest', { session: name() });
    // @ts-expect-error -- a rule for another type
    message<FetchRequest>('FetchRequest', { session: name(), version: name() });
    // @ts-expect-error -- absence must be declared
    const version: Rule<number | undefined> = whole({ max: 1 });
    // @ts-expect-error -- a text without a bound
    text({});
    // @ts-expect-error -- refused has no rule
    oneOf<TakeReply['outcome']>({ granted: message('Granted', {}) }, 'refused');
    expect(version).toBeDefined();
  });
});
