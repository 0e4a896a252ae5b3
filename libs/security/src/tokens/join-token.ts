import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The stored record of a worker's join token, without its secret. Times are ISO 8601. */
export interface JoinTokenRecord {
  /** Id of the token, which is part of it, so that it can be found and revoked. */
  readonly id: string;
  /** Name of its holder. */
  readonly name: string;
  /**
   * SHA-256 of the secret, lower-case hex. The secret has 256 random bits, so a fast hash is
   * sufficient.
   */
  readonly sha256: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt?: string;
}

export const tokenRefusals = [
  'token-missing',
  'token-unknown',
  'token-expired',
  'token-revoked',
] as const;
/** Why a token is refused. */
export type TokenRefusal = (typeof tokenRefusals)[number];

export type TokenVerdict =
  | { readonly kind: 'valid'; readonly record: JoinTokenRecord }
  | { readonly kind: 'refused'; readonly reason: TokenRefusal; readonly message: string };

const FORM = /^lsj\.([0-9a-f]{8})\.([\w-]{43})$/;

/**
 * Creates a token for a worker.
 *
 * @param now milliseconds since the epoch
 * @returns the token, which cannot be recovered from the record, and the record to store
 */
export function mintJoinToken(
  name: string,
  lifeMs: number,
  now: number,
): { readonly token: string; readonly record: JoinTokenRecord } {
  const id = randomBytes(4).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const record: JoinTokenRecord = {
    id,
    name,
    sha256: sha256(secret).toString('hex'),
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + lifeMs).toISOString(),
  };
  return { token: `lsj.${id}.${secret}`, record };
}

/**
 * Checks a token. The secret is compared in constant time; without it the result does not reveal
 * the token's expiry.
 *
 * @param now milliseconds since the epoch
 */
export function judgeJoinToken(
  records: readonly JoinTokenRecord[],
  token: string | undefined,
  now: number,
): TokenVerdict {
  if (token === undefined) return refused('token-missing', 'the call came without a join token');
  const [, id, secret] = FORM.exec(token) ?? [];
  if (id === undefined || secret === undefined) {
    return refused('token-unknown', 'what came is no join token');
  }
  const record = records.find((each) => each.id === id);
  if (!record || !timingSafeEqual(sha256(secret), Buffer.from(record.sha256, 'hex'))) {
    return refused('token-unknown', `there is no such join token as ${id}`);
  }
  return judgeRecord(record, now);
}

/** Whether a token that was accepted before is still valid. */
export function judgeRecord(record: JoinTokenRecord, now: number): TokenVerdict {
  const { id, name, expiresAt, revokedAt } = record;
  const named = `join token ${id} (${name})`;
  if (revokedAt !== undefined) return refused('token-revoked', `${named} was revoked ${revokedAt}`);
  if (Date.parse(expiresAt) <= now) {
    return refused('token-expired', `${named} expired ${expiresAt}`);
  }
  return { kind: 'valid', record };
}

function refused(reason: TokenRefusal, message: string): TokenVerdict {
  return { kind: 'refused', reason, message };
}

function sha256(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const MOST_DAYS = 3_650;

/** `30d`, `12h`, `15m` or `40s` in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * UNITS[unit as keyof typeof UNITS];
  return ms > 0 && ms <= MOST_DAYS * UNITS.d ? ms : undefined;
}
