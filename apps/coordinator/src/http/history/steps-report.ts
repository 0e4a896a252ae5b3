import { decimate } from './decimate.js';
import type { Gathered } from './event-gatherer.js';
import type { StepsQuery, StepsReport } from './schemas.js';

/** The steps and evaluations in a range, at most so many steps. */
export function reportSteps(
  history: Pick<Gathered, 'steps' | 'evaluations'>,
  { from, to, points }: StepsQuery,
): StepsReport {
  const inRange = ({ step }: { step: number }): boolean => step >= from && step <= to;
  const found = history.steps.filter(inRange);
  const steps = decimate(found, points);
  return {
    steps: [...steps],
    evaluations: history.evaluations.filter(inRange),
    decimated: steps.length < found.length,
  };
}
