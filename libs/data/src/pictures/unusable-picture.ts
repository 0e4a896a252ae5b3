/** A file that cannot be used as a picture. */
export class UnusablePicture extends Error {
  readonly path: string;
  /** To follow the path: `it is an HTML page`. */
  readonly reason: string;
  readonly remedy: string;

  constructor(path: string, reason: string, remedy: string, cause?: unknown) {
    super(`${path}: ${reason}`, { cause });
    this.path = path;
    this.reason = reason;
    this.remedy = remedy;
  }
}
