/** The parent of a span, as a W3C `traceparent`; sent with jobs and calls. */
export type TraceParent = string;

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A span of a trace. */
export interface Span {
  /** Context for child spans, also in other processes; absent if it is not recorded. */
  readonly parent: TraceParent | undefined;
  /** Ends the span, with an error if it failed. */
  end(error?: unknown): void;
}

/** Records traces. */
export interface Tracer {
  /** Begins a new trace, which the sampler may drop as a whole. */
  begin(name: string, attributes?: Attributes): Span;
  /** Begins a child span; without a parent nothing is recorded. */
  under(parent: TraceParent | undefined, name: string, attributes?: Attributes): Span;
  /** Exports the recorded spans, within a few seconds. */
  close(): Promise<void>;
}

/** A span that is not recorded. */
export const noSpan: Span = { parent: undefined, end: () => undefined };

/** Records nothing, at no cost. */
export const noTracer: Tracer = {
  begin: () => noSpan,
  under: () => noSpan,
  close: () => Promise.resolve(),
};

/** Runs `work` within a span. */
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
