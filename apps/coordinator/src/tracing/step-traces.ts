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
export type StepSpan = 'plan' | 'record' | 'reduce' | 'apply' | 'publish';

/**
 * One trace a step, from its plan to its being published. A shard goes on in its worker, below its
 * being queued, and comes back as its answer is judged, below its being sent.
 */
export interface StepTraces {
  /** Begins a step's trace. */
  opened(step: number): void;
  /** Does a part of the open step's work. */
  during<Result>(name: StepSpan, work: () => Result): Result;
  /** Queues a shard of the open step; the worker goes on below the parent given to `work`. */
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
  /** Ends the open step's trace; does nothing where none is open. */
  closed(error?: unknown): void;
}

/** @param run said of every step */
export function createStepTraces(
  run: { readonly runId: string; readonly term: number },
  tracer: Tracer = noTracer,
): StepTraces {
  let open: Span = noSpan;
  return {
    opened: (step) => {
      open.end();
      const { runId, term } = run;
      open = tracer.begin('step', {
        'lockstep.run': runId,
        'lockstep.term': term,
        'lockstep.step': step,
      });
    },
    during: (name, work) => within(tracer.under(open.parent, name), work),
    enqueue: ({ shard, attempt }, work) => {
      const span = tracer.under(open.parent, 'enqueue', {
        'lockstep.step': shard.step,
        'lockstep.shard': shard.index,
        'lockstep.attempt': attempt,
      });
      return within(span, () => work(span.parent));
    },
    judge: (parent, attributes, work) => within(tracer.under(parent, 'judge', attributes), work),
    closed: (error) => {
      open.end(error);
      open = noSpan;
    },
  };
}
