/** The codes of the error catalogue for errors of the operating system. */
type SystemErrorCode = 'path-unusable' | 'disk-full' | 'disk-failed' | 'limit-reached';

/** What an errno means to a user, and the remedy. */
interface Meaning {
  readonly code: SystemErrorCode;
  readonly reason: string;
  readonly remedy: string;
  /** Whether the same call may succeed later, without a change of the request. */
  readonly passing?: true;
}

const unusable = (reason: string, remedy: string): Meaning => ({
  code: 'path-unusable',
  reason,
  remedy,
});
const full = (reason: string): Meaning => ({
  code: 'disk-full',
  reason,
  remedy: 'free some space and resume the run: nothing that was saved before is lost',
  passing: true,
});
const failed = (reason: string, remedy: string): Meaning => ({
  code: 'disk-failed',
  reason,
  remedy,
  passing: true,
});
const limit = (reason: string, remedy: string): Meaning => ({
  code: 'limit-reached',
  reason,
  remedy,
});
const shortage = (reason: string, remedy: string): Meaning => ({
  ...limit(reason, remedy),
  passing: true,
});

const ELSEWHERE = 'choose a folder that exists on a disk and can be written';
const ALLOW = 'give this user the right to write there, or choose another folder';

/** The errors of the operating system that no defect of Lockstep causes. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  EACCES: unusable('permission denied', ALLOW),
  EPERM: unusable('operation not permitted', ALLOW),
  EROFS: unusable('the file system is read-only', 'choose a folder on another file system'),
  ENOENT: unusable('no such file or folder', ELSEWHERE),
  ENOTDIR: unusable('a part of the path is not a folder', ELSEWHERE),
  EISDIR: unusable('it is a folder', 'give the path of a file'),
  EEXIST: unusable('something that is not a folder has this name', ELSEWHERE),
  ELOOP: unusable('too many symbolic links', 'remove the loop of links, or choose another path'),
  ENAMETOOLONG: unusable('the path is too long', 'choose a shorter path'),
  EINVAL: unusable('the file system does not accept this name', ELSEWHERE),
  ENOTSUP: unusable('the file system does not support this', ELSEWHERE),
  ENXIO: unusable('there is no such device', ELSEWHERE),
  ENODEV: unusable('there is no such device', ELSEWHERE),
  ETXTBSY: unusable('a running program uses the file', 'end that program, or choose another path'),
  EBUSY: unusable('it is in use', 'end what uses it, or choose another path'),
  ENOSPC: full('there is no room on the disk'),
  EDQUOT: full('the disk quota is used up'),
  EIO: failed('input/output error', 'check the disk; then resume the run'),
  ESTALE: failed('the network file system was remounted', 'mount it again; then resume the run'),
  EFBIG: limit('the largest permitted size of a file', 'raise the limit: ulimit -f unlimited'),
  EMFILE: shortage('too many open files in this process', 'raise the limit: ulimit -n 1024'),
  ENFILE: shortage('too many open files on this machine', 'close other programs'),
  ENOMEM: shortage(
    'out of memory',
    'close other programs, raise ulimit -v, or start fewer workers',
  ),
  EAGAIN: shortage('too many processes or threads', 'raise the limit: ulimit -u; or fewer workers'),
};

/**
 * A file that cannot be used once a run is under way is a failure of the machine: the request was in
 * order when it was checked.
 */
const AT_WORK: Readonly<Partial<Record<SystemErrorCode, SystemErrorCode>>> = {
  'path-unusable': 'disk-failed',
};

export interface SystemErrorContext {
  /** What was attempted, such as `--out runs cannot be written`; the call and its path if absent. */
  readonly what?: string;
  /** Beats the remedy of the table, except where a limit or the disk's size is the cause. */
  readonly remedy?: string;
  /** Whether the run is under way. */
  readonly atWork?: boolean;
}

/** What the catalogue says of an error of the operating system. */
export interface SystemErrorExplanation {
  readonly code: SystemErrorCode;
  readonly message: string;
  readonly remedy: string;
  /** Whether the same call may succeed later, without a change of the request. */
  readonly passing: boolean;
}

/**
 * Translates an error of Node's `fs`, `child_process` or `net` for the user.
 *
 * @returns undefined for what is no error of the operating system, or one that only a defect causes
 */
export function explainSystemError(
  cause: unknown,
  { what, remedy, atWork = false }: SystemErrorContext = {},
): SystemErrorExplanation | undefined {
  if (!isSystemError(cause)) return undefined;
  const meaning = MEANINGS[cause.code];
  if (!meaning) return undefined;
  const isPath = meaning.code === 'path-unusable';
  const subject = what ?? `${cause.syscall}${cause.path === undefined ? '' : ` ${cause.path}`}`;
  return {
    code: (atWork ? AT_WORK[meaning.code] : undefined) ?? meaning.code,
    message: `${subject}: ${meaning.reason} (${cause.code})`,
    remedy: (isPath ? remedy : undefined) ?? meaning.remedy,
    passing: meaning.passing ?? false,
  };
}

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

function isSystemError(thrown: unknown): thrown is SystemError {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    'syscall' in thrown &&
    typeof thrown.syscall === 'string'
  );
}
