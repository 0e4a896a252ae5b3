import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { readCredentials, unreadable } from '../read-secret.js';
import type { JoinTokenRecord } from './join-token.js';

const WHAT = 'the file of join tokens';

/**
 * @throws LockstepError `credentials-unreadable`
 */
export async function readJoinTokens(path: string): Promise<readonly JoinTokenRecord[]> {
  return parseJoinTokens((await readCredentials(path, WHAT)).toString('utf8'), path);
}

/**
 * @param path names the file in errors
 * @throws LockstepError `credentials-unreadable`
 */
export function parseJoinTokens(text: string, path: string): readonly JoinTokenRecord[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw unreadable(WHAT, path, 'it is no JSON', cause);
  }
  const { tokens } = (content ?? {}) as { tokens?: unknown };
  if (!Array.isArray(tokens)) throw unreadable(WHAT, path, 'it has no list of tokens');
  return tokens.map((entry: unknown, index) => {
    if (isRecord(entry)) return entry;
    throw unreadable(WHAT, path, `entry ${index} is no token’s record`);
  });
}

/**
 * Reads the file, if it exists, and atomically replaces it with one that only its owner can read.
 *
 * @throws LockstepError `credentials-unreadable`, or what `change` throws
 */
export async function changeJoinTokens(
  path: string,
  change: (records: readonly JoinTokenRecord[]) => readonly JoinTokenRecord[],
): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unreadable(WHAT, path, error.message, error);
  });
  const tokens = change(text === undefined ? [] : parseJoinTokens(text, path));
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ tokens }, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw unreadable(WHAT, path, (cause as Error).message, cause);
  }
}

function isRecord(entry: unknown): entry is JoinTokenRecord {
  if (typeof entry !== 'object' || entry === null) return false;
  const { id, name, sha256, createdAt, expiresAt, revokedAt } = entry as Record<string, unknown>;
  return (
    matches(id, /^[0-9a-f]{8}$/) &&
    typeof name === 'string' &&
    matches(sha256, /^[0-9a-f]{64}$/) &&
    isMoment(createdAt) &&
    isMoment(expiresAt) &&
    (revokedAt === undefined || isMoment(revokedAt))
  );
}

function matches(value: unknown, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value);
}

function isMoment(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
