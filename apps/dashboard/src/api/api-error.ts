/** What the coordinator's answer says went wrong, or that there was none. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** One of the codes in docs/errors.md; `unreachable` when no answer came. */
    readonly code: string,
    message: string,
    /** What a person can do; '' when nothing is known. */
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  static from(thrown: unknown): ApiError {
    if (thrown instanceof ApiError) return thrown;
    const message = 'the coordinator does not answer';
    return new ApiError(0, 'unreachable', message, 'is its process alive?', { cause: thrown });
  }
}
