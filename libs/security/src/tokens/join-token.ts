import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What is kept of a worker's join token: never the secret. Times are ISO 8601. */
export interface JoinTokenRecord {
  /** Names the token; it is part of it, so that it can be found and revoked. */
  readonly id: string;
  /** Whom it was made for. */
  readonly name: string;
  /** SHA-256 of the secret, lower-case hex. It has 256 random bits: nothing slower is needed. */
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
/** Why a token lets nobody in. */
export type TokenRefusal = (typeof tokenRefusals)[number];

export type TokenVerdict =
  | { readonly kind: 'valid'; readonly record: JoinTokenRecord }
  | { readonly kind: 'refused'; readonly reason: TokenRefusal; readonly message: string };

const FORM = /^lsj\.([0-9a-f]{8})\.([\w-]{43})$/;

/**
 * Makes a token for a worker.
 *
 * @param now milliseconds since the epoch
 * @returns the token, which nobody can read again, and the record to keep
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
 * Whether a token lets its bearer in. The secret is compared in constant time; who does not know it
 * learns nothing of a token's expiry.
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

/** Whether a token that was good once still is. */
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
