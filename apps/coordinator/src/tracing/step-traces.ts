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

/** What a coordinator does in a step, as its trace shows it. */
export type StepSpan = 'plan' | 'record' | 'reduce' | 'publish';

/**
 * One trace a step, from its plan to its being published. A shard goes on in its worker, below its
 * being queued, and comes back as its answer is judged, below its being sent.
 */
export interface StepTraces {
  /** Begins a step's trace, perhaps before the step before it is closed. */
  opened(step: number): void;
  /** Does a part of a step's work: of the one that is open the longest, or of the one named. */
  during<Result>(name: StepSpan, work: () => Result, step?: number): Result;
  /** Queues a shard of an open step; the worker goes on below the parent given to `work`. */
  enqueue<Result>(
    order: { readonly shard: Shard; readonly attempt: number },
    work: (parent: TraceParent | undefined) => Result,
  ): Result;
  /** Judges an answer that was sent below `parent`. */
  judge<Result>(
    parent: TraceParent | undefined,
    attributes: Attributes,
    work: () => Result,
  ): Result;
  /** Ends the trace of the step that is open the longest; does nothing where none is. */
  closed(): void;
  /** Ends those that are open still. */
  end(): void;
}

/** @param run said of every step */
export function createStepTraces(
  run: { readonly runId: string; readonly term: number },
  tracer: Tracer = noTracer,
): StepTraces {
  /** In the order of their steps. */
  const open = new Map<number, Span>();
  const spanOf = (step: number | undefined): Span => {
    const [first] = open.values();
    return (step === undefined ? first : open.get(step)) ?? noSpan;
  };
  return {
    opened: (step) => {
      const { runId, term } = run;
      const attributes = { 'lockstep.run': runId, 'lockstep.term': term, 'lockstep.step': step };
      open.set(step, tracer.begin('step', attributes));
    },
    during: (name, work, step) => within(tracer.under(spanOf(step).parent, name), work),
    enqueue: ({ shard, attempt }, work) => {
      const span = tracer.under(spanOf(shard.step).parent, 'enqueue', {
        'lockstep.step': shard.step,
        'lockstep.shard': shard.index,
        'lockstep.attempt': attempt,
      });
      return within(span, () => work(span.parent));
    },
    judge: (parent, attributes, work) => within(tracer.under(parent, 'judge', attributes), work),
    closed: () => {
      const [first] = open;
      if (!first) return;
      first[1].end();
      open.delete(first[0]);
    },
    end: () => {
      for (const span of open.values()) span.end();
      open.clear();
    },
  };
}
