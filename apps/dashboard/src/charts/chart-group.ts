import { signal, type Signal } from '@preact/signals';
import type { Range } from './plot.js';

/** What charts beside each other share. */
export interface ChartGroup {
  /** The x under the pointer, in whichever chart it is. */
  readonly hover: Signal<number | undefined>;
  /** What of the x axis is shown. */
  readonly range: Range | undefined;
  /** All of the x axis there is; absent where each chart has its own. */
  readonly extent?: Range;
  onZoom(range: Range | undefined): void;
}

/** For charts that show all there is. */
export function createChartGroup(): ChartGroup {
  return { hover: signal(undefined), range: undefined, onZoom: () => undefined };
}
