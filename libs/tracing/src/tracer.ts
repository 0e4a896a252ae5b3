/** Where a span belongs, as W3C's `traceparent` says it; travels with jobs and calls. */
export type TraceParent = string;

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Something that takes time, as a trace shows it. */
export interface Span {
  /** For what goes on below it, here or elsewhere; absent where nobody records it. */
  readonly parent: TraceParent | undefined;
  /** It is over; with an error where it failed. */
  end(error?: unknown): void;
}

/** Records what happens as traces. */
export interface Tracer {
  /** Begins a trace of its own, which may be left out as a whole by the sampler. */
  begin(name: string, attributes?: Attributes): Span;
  /** Begins a span below another; below none, nothing is recorded. */
  under(parent: TraceParent | undefined, name: string, attributes?: Attributes): Span;
  /** Hands in what was recorded, and waits for that a few seconds at most. */
  close(): Promise<void>;
}

/** A span that nobody records. */
export const noSpan: Span = { parent: undefined, end: () => undefined };

/** Where nobody looks at traces: costs nothing. */
export const noTracer: Tracer = {
  begin: () => noSpan,
  under: () => noSpan,
  close: () => Promise.resolve(),
};

/** Does `work` within a span, which is over when the work is. */
export function within<Result>(span: Span, work: () => Result): Result {
  let result: Result;
  try {
    result = work();
  } catch (error) {
    span.end(error);
    throw error;
  }
  if (span.parent === undefined) return result;
  if (result instanceof Promise) {
    result.then(
      () => span.end(),
      (error: unknown) => span.end(error),
    );
  } else {
    span.end();
  }
  return result;
}
