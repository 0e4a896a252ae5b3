import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeJoinToken, mintJoinToken } from './join-token.js';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

describe('a join token', () => {
  it('is valid from its creation until it expires', () => {
    const { token, record } = mintJoinToken('rack-4', HOUR, NOW);
    const judged = (now: number) => judgeJoinToken([record], token, now);
    expect(judged(NOW)).toEqual({ kind: 'valid', record });
    expect(judged(NOW + HOUR - 1)).toMatchObject({ kind: 'valid' });
    expect(judged(NOW + HOUR)).toMatchObject({
      kind: 'refused',
      reason: 'token-expired',
      message: expect.stringContaining('rack-4') as string,
    });
  });

  it('is invalid once it is revoked', () => {
    const { token, record } = mintJoinToken('w', HOUR, NOW);
    const revoked = { ...record, revokedAt: new Date(NOW).toISOString() };
    expect(judgeJoinToken([revoked], token, NOW)).toMatchObject({ reason: 'token-revoked' });
  });

  it('is found among others, and others are refused', () => {
    const one = mintJoinToken('one', HOUR, NOW);
    const other = mintJoinToken('other', HOUR, NOW);
    const records = [one.record, other.record];
    expect(judgeJoinToken(records, other.token, NOW)).toMatchObject({ record: other.record });
    const swapped = one.token.replace(one.record.id, other.record.id);
    expect(judgeJoinToken(records, swapped, NOW)).toMatchObject({ reason: 'token-unknown' });
    expect(judgeJoinToken([one.record], other.token, NOW)).toMatchObject({
      reason: 'token-unknown',
    });
    expect(judgeJoinToken(records, undefined, NOW)).toMatchObject({ reason: 'token-missing' });
  });

  it('does not reveal its expiry without its secret', () => {
    const { token, record } = mintJoinToken('w', HOUR, NOW);
    const guess = `${token.slice(0, -4)}AAAA`;
    const late = judgeJoinToken([record], guess, NOW + 2 * HOUR);
    expect(late).toMatchObject({ reason: 'token-unknown' });
  });

  it('cannot be created from its record', () => {
    const { token, record } = mintJoinToken('w', HOUR, NOW);
    const [, , secret = ''] = token.split('.');
    expect(secret).toHaveLength(43);
    expect(JSON.stringify(record)).not.toContain(secret);
    const fromRecord = `lsj.${record.id}.${record.sha256}`;
    expect(judgeJoinToken([record], fromRecord, NOW)).toMatchObject({ kind: 'refused' });
  });

  it('is refused for any other input', () => {
    const { token, record } = mintJoinToken('w', HOUR, NOW);
    const mangled = fc
      .tuple(fc.nat(token.length - 1), fc.string({ minLength: 0, maxLength: 3 }))
      .map(([at, put]) => `${token.slice(0, at)}${put}${token.slice(at + 1)}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), mangled), (text) => {
        const { kind } = judgeJoinToken([record], text, NOW);
        expect(kind).toBe(text === token ? 'valid' : 'refused');
      }),
    );
  });
});
