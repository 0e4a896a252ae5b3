import { phaseNames, type PhaseName, type StepTimelineRow } from '@lockstep/observe';
import type { EndToEnd } from './end-to-end.js';
import { mean, median } from './statistics.js';

/** Where the time of the measured steps went, in milliseconds a step. */
export interface PhaseReport {
  readonly steps: number;
  readonly wallMs: number;
  readonly phases: Readonly<Record<PhaseName, number>>;
  readonly otherMs: number;
  /** The share of the wall time that the phases account for; the median over the steps. */
  readonly accountedFor: number;
}

/** Means over the steps, so that they add up. */
export function reportPhases(steps: readonly StepTimelineRow[]): PhaseReport {
  const average = (pick: (step: StepTimelineRow) => number): number => mean(steps.map(pick));
  return {
    steps: steps.length,
    wallMs: average(({ wallMs }) => wallMs),
    phases: Object.fromEntries(
      phaseNames.map((name) => [name, average(({ phases }) => phases[name])]),
    ) as Record<PhaseName, number>,
    otherMs: average(({ otherMs }) => otherMs),
    accountedFor: median(steps.map(({ otherMs, wallMs }) => 1 - Math.abs(otherMs) / wallMs)),
  };
}

/** Bytes of payload in a step, in all. */
export interface BytesReport {
  readonly wire: string;
  /** From all workers. */
  readonly up: number;
  /** To all workers. */
  readonly down: number;
  /** What dense float32 gradients from as many shards would be. */
  readonly denseUp: number;
  /** How many times fewer that is than dense. */
  readonly timesFewerUp: number;
  /** What the weights in float32 to as many workers would be. */
  readonly denseDown: number;
  readonly timesFewerDown: number;
}

export function reportBytes(
  wire: string,
  { timelines, parameterCount }: Pick<EndToEnd, 'timelines' | 'parameterCount'>,
): BytesReport {
  const middle = (pick: (step: StepTimelineRow) => number): number => median(timelines.map(pick));
  const up = middle(({ shards }) =>
    shards.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0),
  );
  const down = middle(({ updateBytes, followers }) => updateBytes * followers);
  const denseUp = 4 * parameterCount * middle(({ shards }) => shards.length);
  const denseDown = 4 * parameterCount * middle(({ followers }) => followers);
  return {
    ...{ wire, up, down, denseUp, denseDown },
    timesFewerUp: denseUp / up,
    timesFewerDown: denseDown / down,
  };
}
