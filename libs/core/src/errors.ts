import { explainSystemError, type SystemErrorContext } from './system-error.js';

/** The message of an error, or whatever else was thrown as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * The closed catalogue of error codes. `docs/errors.md` explains every code; a test ties the two
 * together. `exitCode` is the command's exit code: 2 for bad input, found before any work was done,
 * 1 for every later failure.
 */
export const errorCatalogue = {
  // bad input
  'bad-option': { exitCode: 2, what: 'an option, environment variable or config entry is wrong' },
  'config-unreadable': { exitCode: 2, what: 'the config file cannot be read' },
  'data-not-found': { exitCode: 2, what: 'there is no such data set or folder' },
  'data-damaged': { exitCode: 2, what: 'a data file is invalid' },
  'data-invalid': { exitCode: 2, what: 'the data cannot be trained on' },
  'model-not-found': { exitCode: 2, what: 'there is no such model' },
  'model-invalid': { exitCode: 2, what: 'the model cannot be used' },
  'weights-unusable': { exitCode: 2, what: 'the run cannot begin with the given weights' },
  'run-not-found': { exitCode: 2, what: 'there is no such run' },
  'checkpoint-not-found': { exitCode: 2, what: 'the run has no such checkpoint' },
  'run-format': { exitCode: 2, what: 'the run was begun by a release of another format' },
  'run-exists': { exitCode: 2, what: 'a run of this name exists already' },
  'export-refused': { exitCode: 2, what: 'a format cannot express the network' },
  'image-unreadable': { exitCode: 2, what: 'the image cannot be read' },
  'port-in-use': { exitCode: 2, what: 'another program uses the address' },
  'redis-unreachable': { exitCode: 2, what: 'nothing responds at the Redis address' },
  'not-redis': { exitCode: 2, what: 'the server at the address is not a usable Redis' },
  'redis-refused': { exitCode: 2, what: 'Redis refuses this user, or a command that is needed' },
  'coordinator-unreachable': { exitCode: 2, what: 'no coordinator responds at the address' },
  'bad-request': { exitCode: 2, what: 'a request to the coordinator is invalid' },
  'origin-refused': { exitCode: 2, what: 'a web page of another origin tried to control the run' },
  'insecure-address': { exitCode: 2, what: 'a non-loopback address lacks TLS or tokens' },
  'credentials-unreadable': { exitCode: 2, what: 'a certificate, key or token file is unusable' },
  'credentials-exist': { exitCode: 2, what: 'a file of credentials would be overwritten' },
  'certificate-refused': { exitCode: 2, what: 'one end of a connection does not trust the other' },
  'login-required': { exitCode: 2, what: 'the request is not authenticated' },
  'not-allowed': { exitCode: 2, what: 'this needs the admin role' },
  'too-many-requests': { exitCode: 2, what: 'too many requests from one address' },
  'run-ended': { exitCode: 2, what: 'the run has ended already' },
  'cannot-scale': { exitCode: 2, what: 'the coordinator cannot start workers' },
  'path-unusable': { exitCode: 2, what: 'a file or folder cannot be read or written' },
  // missing on this machine
  'limit-reached': { exitCode: 1, what: 'a limit on memory, open files or processes is reached' },
  'tensorflow-unavailable': { exitCode: 1, what: 'no TensorFlow backend can be used' },
  'redis-unavailable': { exitCode: 1, what: 'no Redis server can be found or installed' },
  'device-unavailable': { exitCode: 1, what: 'the requested device is not available' },
  // while running
  'redis-not-ready': { exitCode: 1, what: 'Redis responds, but takes no commands at present' },
  'not-ready': { exitCode: 1, what: 'the coordinator is still starting' },
  'worker-refused': { exitCode: 1, what: 'the coordinator refused this worker' },
  'run-failed': { exitCode: 1, what: 'the run cannot continue' },
  'run-damaged': { exitCode: 1, what: 'a file of the run is damaged' },
  'run-locked': { exitCode: 2, what: 'another coordinator writes this run' },
  'runs-differ': { exitCode: 1, what: 'two trainings that must be equal differ' },
  'disk-full': { exitCode: 1, what: 'the disk is full' },
  'disk-failed': { exitCode: 1, what: 'a file of an active run cannot be read or written' },
  'protocol-violation': { exitCode: 1, what: 'a peer sent something the protocol does not allow' },
  internal: { exitCode: 1, what: 'a defect in Lockstep' },
} as const satisfies Record<string, { exitCode: 1 | 2; what: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

export interface LockstepErrorOptions {
  /** What the user can do about it, in one sentence. */
  readonly remedy?: string;
  readonly cause?: unknown;
  /** Absent: false. */
  readonly passing?: boolean;
}

/**
 * An error to show to the user: the problem and its location (`message`), and what to do
 * (`remedy`).
 */
export class LockstepError extends Error {
  override readonly name = 'LockstepError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  /**
   * Whether the operating system failed for a reason that may be over in a moment, such as too many
   * open files or a full disk: repeating the same work may succeed.
   */
  readonly passing: boolean;

  constructor(code: ErrorCode, message: string, options: LockstepErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.passing = options.passing ?? false;
  }

  get exitCode(): 1 | 2 {
    return errorCatalogue[this.code].exitCode;
  }

  /**
   * Converts a thrown value to a LockstepError; one that already is a LockstepError is returned
   * unchanged. Errors of the operating system get a code of their own instead of `code`.
   */
  static from(thrown: unknown, code: ErrorCode = 'internal'): LockstepError {
    const known = LockstepError.fromSystem(thrown);
    if (known instanceof LockstepError) return known;
    return new LockstepError(code, messageOf(thrown), { cause: thrown });
  }

  /**
   * Explains an error of the operating system in its context; anything else is returned unchanged.
   */
  static fromSystem(thrown: unknown, context: SystemErrorContext = {}): unknown {
    const explained = explainSystemError(thrown, context);
    if (!explained) return thrown;
    const { code, message, remedy, passing } = explained;
    return new LockstepError(code, message, { remedy, passing, cause: thrown });
  }
}
