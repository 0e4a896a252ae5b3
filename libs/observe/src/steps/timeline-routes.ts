import { LockstepError } from '@lockstep/core';
import type { RouteParts, TypedApp } from '../server/route-parts.js';
import { problem } from '../server/schemas.js';
import {
  stepAddress,
  stepTimeline,
  timelineQuery,
  timelineReport,
  traceQuery,
  traceReport,
  type StepTimelineRow,
  type TimelineReport,
} from './schemas.js';
import { stepPhases, type StepTimeline } from './step-timeline.js';
import { traceOf } from './trace.js';

const problems = { 400: problem, 503: problem };

const routes = {
  timeline: {
    schema: {
      summary:
        'the newest 200 steps, or those of them after a step: when each shard was computed, by which worker, and where the time went',
      querystring: timelineQuery,
      response: { 200: timelineReport, ...problems },
    },
  },
  trace: {
    serializerCompiler: () => JSON.stringify,
    schema: {
      summary: 'the newest 200 steps, or those in a range, for Perfetto or chrome://tracing',
      querystring: traceQuery,
      response: { 200: traceReport, ...problems },
    },
  },
  step: {
    schema: {
      summary: 'one of the newest 200 steps: when each shard was computed, by which worker',
      params: stepAddress,
      response: { 200: stepTimeline, ...problems },
    },
  },
};

/** Where the time of the newest steps went. */
export function addTimelineRoutes(app: TypedApp, parts: RouteParts): void {
  const newest = async (): Promise<readonly StepTimeline[]> =>
    (await parts.run()).view.timelines.newest;
  const rows = new TimelineRows();
  const timeline = { ...routes.timeline, serializerCompiler: () => rows.write };
  app.get('/api/timeline', timeline, async ({ query: { after } }) => {
    const timelines = await newest();
    const known = timelines.findIndex(({ step }) => step === after);
    return { steps: timelines.slice(known + 1).flatMap((each) => rows.of(each) ?? []) };
  });
  app.get('/api/trace', routes.trace, async ({ query: { from, to } }, reply) => {
    const { runId } = (await parts.run()).view.folder.record;
    const wanted = (await newest()).filter(({ step }) => step >= from && step <= to);
    reply.header('content-disposition', `attachment; filename="${runId}.trace.json"`);
    return traceOf(wanted);
  });
  app.get('/api/steps/:step/timeline', routes.step, async ({ params: { step } }) => {
    const found = (await newest()).find((each) => each.step === step);
    const row = found && rows.of(found);
    if (row) return row;
    throw new LockstepError('bad-request', `step ${step} is not among the newest`, {
      remedy: 'choose one from /api/timeline',
    });
  });
}

/** Makes the row of each step, and its JSON, once for all requests. */
class TimelineRows {
  readonly #rows = new WeakMap<StepTimeline, StepTimelineRow>();
  readonly #texts = new WeakMap<StepTimelineRow, string>();

  /** Undefined for a step without contributions. */
  of(timeline: StepTimeline): StepTimelineRow | undefined {
    const row = this.#rows.get(timeline) ?? rowOf(timeline);
    if (row) this.#rows.set(timeline, row);
    return row;
  }

  /** A response as JSON: a report row by row, an error as it is. */
  readonly write = (report: unknown): string =>
    isReport(report)
      ? `{"steps":[${report.steps.map((row) => this.#textOf(row)).join()}]}`
      : JSON.stringify(report);

  #textOf(row: StepTimelineRow): string {
    const text = this.#texts.get(row) ?? JSON.stringify(row);
    this.#texts.set(row, text);
    return text;
  }
}

function isReport(report: unknown): report is TimelineReport {
  return typeof report === 'object' && report !== null && 'steps' in report;
}

function rowOf(timeline: StepTimeline): StepTimelineRow | undefined {
  const split = stepPhases(timeline);
  return split && { ...timeline, ...split, shards: [...timeline.shards] };
}
