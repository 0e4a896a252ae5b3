/** A value that becomes known later, or an error if it never does. */
export class Pending<Value> {
  readonly #promise: Promise<Value>;
  #settle: { resolve(value: Value): void; reject(error: unknown): void } | undefined;

  constructor() {
    this.#promise = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#promise.catch(() => undefined); // each reader reports it
  }

  get promise(): Promise<Value> {
    return this.#promise;
  }

  resolve(value: Value): void {
    this.#settle?.resolve(value);
  }

  reject(error: unknown): void {
    this.#settle?.reject(error);
  }
}
