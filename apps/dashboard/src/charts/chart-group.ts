import { signal, type Signal } from '@preact/signals';
import type { Range } from './points.js';

/** Shared state of charts that are shown together. */
export interface ChartGroup {
  /** The x under the pointer, in any of the charts. */
  readonly hover: Signal<number | undefined>;
  /** The visible part of the x axis. */
  readonly range: Range | undefined;
  /** The whole x axis; if absent, each chart has its own. */
  readonly extent?: Range;
  readonly onZoom: (range: Range | undefined) => void;
}

/** A group without zoom. */
export function createChartGroup(): ChartGroup {
  return { hover: signal(undefined), range: undefined, onZoom: () => undefined };
}
