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
export interface StepTraces {
  /** Begins a step's trace, perhaps before the previous step is closed, and plans the step. */
  plan<Result>(step: number, work: () => Result): Result;
  /** Does a part of the work of the step that has been open the longest. */
  during<Result>(name: StepSpan, work: () => Result): Result;
  /** Queues a shard of an open step; the worker's spans are below the parent given to `work`. */
  enqueue<Result>(
    order: { readonly shard: Shard; readonly attempt: number },
    work: (parent: TraceParent | undefined) => Result,
  ): Result;
  /** Judges a contribution whose sending was traced as `parent`. */
  judge<Result>(
    parent: TraceParent | undefined,
    attributes: Attributes,
    work: () => Result,
  ): Result;
  /** Ends the trace of the step that has been open the longest, if one is open. */
  closed(): void;
  /** Ends the traces that are still open. */
  end(): void;
}

/** @param run attributes of every step's span */
export function createStepTraces(
  run: { readonly runId: string; readonly term: number },
  tracer: Tracer = noTracer,
): StepTraces {
  /** By step, in ascending order. */
  const open = new Map<number, Span>();
  return {
    plan: (step, work) => {
      const { runId, term } = run;
      const attributes = { 'lockstep.run': runId, 'lockstep.term': term, 'lockstep.step': step };
      const span = tracer.begin('step', attributes);
      open.set(step, span);
      return within(tracer.under(span.parent, 'plan'), work);
    },
    during: (name, work) => {
      const [longest = noSpan] = open.values();
      return within(tracer.under(longest.parent, name), work);
    },
    enqueue: ({ shard, attempt }, work) => {
      const span = tracer.under((open.get(shard.step) ?? noSpan).parent, 'enqueue', {
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
