import { describe, expect, it } from 'vitest';
import { LockstepError } from './errors.js';

/** An error as Node's `fs` throws it. */
function systemError(code: string, fields: object = { path: '/runs' }): Error {
  const plain = new Error(`${code}: it failed, open '/runs'`);
  return Object.assign(plain, { code, errno: -1, syscall: 'open', ...fields });
}

describe('an error of the operating system', () => {
  it.each([
    ['path-unusable', 2, 'EACCES EPERM EROFS ENOENT ENOTDIR EISDIR EEXIST ELOOP ENAMETOOLONG'],
    ['disk-full', 1, 'ENOSPC EDQUOT'],
    ['disk-failed', 1, 'EIO ESTALE'],
    ['limit-reached', 1, 'EMFILE ENFILE ENOMEM EAGAIN EFBIG'],
  ])('becomes %s, exit code %i: %s', (code, exitCode, errnos) => {
    for (const errno of errnos.split(' ')) {
      const error = LockstepError.from(systemError(errno), 'run-failed');
      expect(error).toMatchObject({ code, exitCode });
      expect(error.message).toMatch(new RegExp(`^open /runs: .* \\(${errno}\\)$`));
      expect(error.remedy).toBeTruthy();
    }
  });

  it('is a failure of the disk once the run is under way', () => {
    const what = 'ledger.jsonl cannot be written';
    const explained = (errno: string): unknown =>
      LockstepError.fromSystem(systemError(errno), { what, remedy: 'r', atWork: true });
    expect(explained('EROFS')).toMatchObject({
      code: 'disk-failed',
      message: `${what}: the file system is read-only (EROFS)`,
      remedy: 'r',
    });
    expect(explained('ENOSPC')).toMatchObject({ code: 'disk-full' });
    expect(explained('ENOSPC')).not.toMatchObject({ remedy: 'r' });
  });

  it('differs from defects, and from errors that only look like one', () => {
    for (const thrown of [
      systemError('EBADF'),
      systemError('EACCES', { syscall: undefined }),
      new TypeError('x is not a function'),
    ]) {
      expect(LockstepError.from(thrown).code).toBe('internal');
      expect(LockstepError.fromSystem(thrown)).toBe(thrown);
    }
  });
});
