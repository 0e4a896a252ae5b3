import type { Shard } from '@lockstep/core';
import {
  noSpan,
  noTracer,
  within,
  type Attributes,
  type Span,
  type TraceParent,
  type Tracer,
} from '@lockstep/tracing';

/** The coordinator's work in a step, as the step's trace shows it. */
export type StepSpan = 'record' | 'reduce' | 'publish';

/**
 * One trace per step, from its plan to its publication. A shard's spans continue in its worker, below
 * the `enqueue` span, and come back with the `judge` span, below the worker's span of sending.
 */
export class StepTraces {
  readonly #run: { readonly runId: string; readonly term: number };
  readonly #tracer: Tracer;
  /** Spans of open steps by step, in ascending order. */
  readonly #open = new Map<number, Span>();

  /** @param run attributes of every step's span */
  constructor(run: { readonly runId: string; readonly term: number }, tracer: Tracer = noTracer) {
    this.#run = run;
    this.#tracer = tracer;
  }

  /** Begins a step's trace, perhaps before the previous step is closed, and plans the step. */
  plan<Result>(step: number, work: () => Result): Result {
    const { runId, term } = this.#run;
    const attributes = { 'lockstep.run': runId, 'lockstep.term': term, 'lockstep.step': step };
    const span = this.#tracer.begin('step', attributes);
    this.#open.set(step, span);
    return within(this.#tracer.under(span.parent, 'plan'), work);
  }

  /** Does a part of the work of the step that has been open the longest. */
  during<Result>(name: StepSpan, work: () => Result): Result {
    const [longest = noSpan] = this.#open.values();
    return within(this.#tracer.under(longest.parent, name), work);
  }

  /** Queues a shard of an open step; the worker's spans are below the parent given to `work`. */
  enqueue<Result>(
    { shard, attempt }: { readonly shard: Shard; readonly attempt: number },
    work: (parent: TraceParent | undefined) => Result,
  ): Result {
    const { parent } = this.#open.get(shard.step) ?? noSpan;
    const span = this.#tracer.under(parent, 'enqueue', {
      'lockstep.step': shard.step,
      'lockstep.shard': shard.index,
      'lockstep.attempt': attempt,
    });
    return within(span, () => work(span.parent));
  }

  /** Judges a contribution whose sending was traced as `parent`. */
  judge<Result>(
    parent: TraceParent | undefined,
    attributes: Attributes,
    work: () => Result,
  ): Result {
    return within(this.#tracer.under(parent, 'judge', attributes), work);
  }

  /** Ends the trace of the step that has been open the longest, if one is open. */
  closed(): void {
    const [longest] = this.#open;
    if (!longest) return;
    longest[1].end();
    this.#open.delete(longest[0]);
  }

  /** Ends the traces that are still open. */
  end(): void {
    for (const span of this.#open.values()) span.end();
    this.#open.clear();
  }
}
