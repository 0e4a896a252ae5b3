/**
 * Limits how often a value is made: within `forMs` milliseconds, callers get the last one, or wait
 * for the one being made. A failure is not kept.
 */
export function remember<Value>(
  forMs: number,
  make: () => Promise<Value>,
  now: () => number = () => performance.now(),
): () => Promise<Value> {
  let last: { readonly at: number; readonly value: Promise<Value> } | undefined;
  return () => {
    if (last && now() - last.at < forMs) return last.value;
    const value = make();
    const mine = { at: now(), value };
    last = mine;
    value.catch(() => {
      if (last === mine) last = undefined;
    });
    return value;
  };
}

/**
 * Makes a long report once, and writes it as JSON once, for all requests while nothing has changed.
 * Its content is not checked against the response schema: it is made here, and checking ten thousand
 * rows would take longer than a step.
 */
export class ReportCache<Report extends object> {
  readonly #texts = new WeakMap<object, string>();
  #last: { readonly key: string; readonly report: Report } | undefined;

  /** The report last made for this key, else what `make` returns. */
  keep(key: string, make: () => Report): Report {
    if (this.#last?.key === key) return this.#last.report;
    const report = make();
    this.#last = { key, report };
    return report;
  }

  /** A report as JSON: for a route's `serializerCompiler`. */
  readonly write = (report: unknown): string => {
    if (typeof report !== 'object' || report === null) return JSON.stringify(report);
    const text = this.#texts.get(report) ?? JSON.stringify(report);
    this.#texts.set(report, text);
    return text;
  };
}
