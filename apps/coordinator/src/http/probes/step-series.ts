import type { StepTimeline } from '../../timeline/step-timeline.js';
import { stepPhases } from '../../timeline/step-phases.js';
import type { Timelines } from '../../timeline/timelines.js';
import type { Series } from './series.js';

const PHASE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** What the steps' timelines tell: where their time went, and the bytes that travelled. */
export interface StepSeries {
  /** Takes in the steps made since the last time, and from now on each as it ends. */
  follow(timelines: Timelines): void;
}

export function createStepSeries({ counter, histogram }: Series): StepSeries {
  const phaseSeconds = histogram(
    'step_phase_seconds',
    'Time of a step along its critical path, by what was done',
    PHASE_SECONDS,
    ['phase'],
  );
  const received = counter('received_bytes_total', 'Gradient bytes of answers that counted');
  const sent = counter('sent_bytes_total', 'Update bytes sent, to all workers together');
  const observe = (timeline: StepTimeline): void => {
    for (const { payloadBytes } of timeline.shards) received.inc(payloadBytes);
    sent.inc(timeline.updateBytes * timeline.followers);
    const split = stepPhases(timeline);
    for (const [phase, milliseconds] of Object.entries(split?.phases ?? {})) {
      phaseSeconds.observe({ phase }, milliseconds / 1000);
    }
  };
  let followed: Timelines | undefined;
  return {
    follow: (timelines) => {
      if (followed === timelines) return;
      followed = timelines;
      for (const timeline of timelines.newest) observe(timeline);
      timelines.subscribe(observe);
    },
  };
}
