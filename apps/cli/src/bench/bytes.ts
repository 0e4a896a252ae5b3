import type { StepTimelineRow } from '@lockstep/observe';
import type { EndToEnd } from './end-to-end.js';
import { median } from './statistics.js';

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
