/** Estimates how long the rest of a run takes, from its recent steps. */
export interface RemainingTime {
  /** @param stepMs time that the step took, without the time in which the run waited */
  observe(stepMs: number): void;
  /** Milliseconds; undefined before the first step. */
  estimate(stepsLeft: number): number | undefined;
}

/** Long enough to hold an evaluation or checkpoint now and then, short enough to follow a change. */
const WINDOW = 100;

export function createRemainingTime(): RemainingTime {
  let recent: number[] = [];
  let steps = 0;
  return {
    observe: (stepMs) => {
      steps += 1;
      // The first step warms everything up and says little about those that follow.
      recent = steps === 2 ? [stepMs] : [...recent, stepMs].slice(-WINDOW);
    },
    estimate: (stepsLeft) => {
      if (recent.length === 0) return undefined;
      return (stepsLeft * recent.reduce((sum, each) => sum + each, 0)) / recent.length;
    },
  };
}

/** `8s`, `11m50s`, `3h05m`, `2d04h`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
    `${large}${largeUnit}${String(small).padStart(2, '0')}${smallUnit}`;
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'm', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'm');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}
