import { LockstepError } from '@lockstep/core';

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
