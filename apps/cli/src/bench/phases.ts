import { phaseNames, type PhaseName, type StepTimelineRow } from '@lockstep/observe';
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
