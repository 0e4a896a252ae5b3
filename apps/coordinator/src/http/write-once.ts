/**
 * A long report is made once, and written as JSON once, for all who ask while nothing has changed.
 * What it holds is not checked against its schema again: it comes from here, and checking ten
 * thousand rows would take longer than a step.
 */
export interface WrittenOnce {
  /** What was made for this key last, or else what `make` gives. */
  keep<Report extends object>(key: string, make: () => Report): Report;
  /** For a route's `serializerCompiler`. */
  readonly serializerCompiler: () => (report: unknown) => string;
}

export function createWrittenOnce(): WrittenOnce {
  const texts = new WeakMap<object, string>();
  let last: { readonly key: string; readonly report: object } | undefined;
  const write = (report: unknown): string => {
    if (typeof report !== 'object' || report === null) return JSON.stringify(report);
    const text = texts.get(report) ?? JSON.stringify(report);
    texts.set(report, text);
    return text;
  };
  return {
    keep: <Report extends object>(key: string, make: () => Report): Report => {
      if (last?.key !== key) last = { key, report: make() };
      return last.report as Report;
    },
    serializerCompiler: () => write,
  };
}
