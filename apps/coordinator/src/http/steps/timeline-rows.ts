import { stepPhases } from '../../timeline/step-phases.js';
import type { StepTimeline } from '../../timeline/step-timeline.js';
import type { StepTimelineRow, TimelineReport } from './schemas.js';

/** Steps as they are answered: each is made into a row, and written as JSON, once for all who ask. */
export interface TimelineRows {
  /** Undefined for a step that nobody has answered. */
  of(timeline: StepTimeline): StepTimelineRow | undefined;
  /** A report as JSON; anything else as it is. */
  write(report: unknown): string;
}

export function createTimelineRows(): TimelineRows {
  const rows = new WeakMap<StepTimeline, StepTimelineRow>();
  const texts = new WeakMap<StepTimelineRow, string>();
  const textOf = (row: StepTimelineRow): string => {
    const text = texts.get(row) ?? JSON.stringify(row);
    texts.set(row, text);
    return text;
  };
  return {
    of: (timeline) => {
      const row = rows.get(timeline) ?? rowOf(timeline);
      if (row) rows.set(timeline, row);
      return row;
    },
    write: (report) =>
      isReport(report) ? `{"steps":[${report.steps.map(textOf).join()}]}` : JSON.stringify(report),
  };
}

function isReport(report: unknown): report is TimelineReport {
  return typeof report === 'object' && report !== null && 'steps' in report;
}

function rowOf(timeline: StepTimeline): StepTimelineRow | undefined {
  const split = stepPhases(timeline);
  return split && { ...timeline, ...split, shards: [...timeline.shards] };
}
