import { readFile } from 'node:fs/promises';
import { LockstepError } from '@lockstep/core';

/** Far more than the size of any key, certificate chain, token or password. */
const MOST_BYTES = 1_048_576;

/**
 * Reads a file of credentials.
 *
 * @param what names it in errors, such as `--tls-key`
 * @throws LockstepError `credentials-unreadable`
 */
export async function readCredentials(path: string, what: string): Promise<Buffer> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (cause) {
    throw unreadable(what, path, (cause as Error).message, cause);
  }
  if (content.length === 0) throw unreadable(what, path, 'it is empty');
  if (content.length > MOST_BYTES) throw unreadable(what, path, 'it is no file of credentials');
  return content;
}

/**
 * Reads a secret of one line; without the line break.
 *
 * @param what names it in errors, such as `--redis-password-file`
 * @throws LockstepError `credentials-unreadable`
 */
export async function readSecret(path: string, what: string): Promise<string> {
  const text = (await readCredentials(path, what)).toString('utf8').replace(/\r?\n$/, '');
  if (text === '') throw unreadable(what, path, 'it is empty');
  if (/[\r\n\0]/.test(text)) throw unreadable(what, path, 'it has more than one line');
  return text;
}

/** Messages quote nothing of the file. */
export function unreadable(
  what: string,
  path: string,
  reason: string,
  cause?: unknown,
): LockstepError {
  return new LockstepError('credentials-unreadable', `${what} ${path}: ${reason}`, {
    remedy: 'docs/security.md describes each file and how to create it',
    cause,
  });
}

/**
 * Waits for files that are being read, and reports all their problems at once.
 *
 * @throws LockstepError `credentials-unreadable` with a line for each mistake; other errors take precedence
 */
export async function allAtOnce<Contents extends readonly unknown[]>(reading: {
  [Index in keyof Contents]: Promise<Contents[Index]> | Contents[Index];
}): Promise<Contents> {
  const settled = await Promise.allSettled(reading);
  const failed = settled.filter((each) => each.status === 'rejected');
  const errors = failed.map((each) => LockstepError.from(each.reason));
  const other = errors.find(({ code }) => code !== 'credentials-unreadable');
  if (other !== undefined) throw other;
  const [first, ...more] = errors;
  if (first === undefined) return Promise.all(reading) as Promise<unknown> as Promise<Contents>;
  if (more.length === 0) throw first;
  const lines = new Set(errors.flatMap(({ message }) => message.split('\n')));
  throw new LockstepError('credentials-unreadable', [...lines].join('\n'), {
    ...(first.remedy === undefined ? {} : { remedy: first.remedy }),
    cause: first.cause,
  });
}
