import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readSecret, unreadable } from '../read-secret.js';

/** Roles at a coordinator: viewers may read, admins may also control the run. */
export type Role = 'viewer' | 'admin';

/** A shorter token could be guessed. */
const FEWEST_CHARACTERS = 32;

/** A new token with 256 random bits, for the file of a role. */
export function mintRoleToken(): string {
  return `lsr.${randomBytes(32).toString('base64url')}`;
}

/**
 * Reads a role's token.
 *
 * @param what names it in errors, such as `--admin-token-file`
 * @throws LockstepError `credentials-unreadable`
 */
export async function readRoleToken(path: string, what: string): Promise<string> {
  const token = await readSecret(path, what);
  if (token.length < FEWEST_CHARACTERS || !/^[\x21-\x7e]+$/.test(token)) {
    throw unreadable(what, path, `a token has ${FEWEST_CHARACTERS} letters and digits at least`);
  }
  return token;
}

/** Compares in constant time. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
