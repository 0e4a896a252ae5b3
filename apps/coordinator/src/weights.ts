import type { Contribution, RunSpec } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { OutgoingUpdate, Publisher } from './publisher.js';
import type { Timelines } from './timeline/timelines.js';
import type { StepTraces } from './tracing/step-traces.js';

/** Steps between two proofs that all workers hold the coordinator's very state. */
const PROOF_EVERY = 100;

export interface Weights {
  reduceInOrder(contributions: readonly Contribution[]): Promise<Uint8Array>;
  applyAndPublish(step: number, update: Uint8Array): Promise<void>;
  /** Resolves when everything published has been applied here too. */
  settled(): Promise<void>;
}

/** Who is told of what is done with them. */
export interface WeightsWatch {
  readonly timelines: Pick<Timelines, 'reduced' | 'published'>;
  readonly traces: Pick<StepTraces, 'during'>;
}

/**
 * The coordinator's weights: each update goes to the workers and to the engine in the same turn, so
 * that everybody applies it at the same time, and the next step need not wait for this process.
 *
 * With tolerant numerics workers might apply it otherwise, so they are sent the weights instead.
 *
 * @param isEvaluated whether a version will be evaluated
 * @param watch told how long it takes
 */
export function createWeights(
  engine: Engine,
  publisher: Publisher,
  { batch: rows, numerics }: Pick<RunSpec, 'batch' | 'numerics'>,
  isEvaluated: (version: number) => boolean,
  watch: WeightsWatch,
): Weights {
  const { timelines, traces } = watch;
  let applied: Promise<unknown> = Promise.resolve();
  const publish = (update: OutgoingUpdate): void => {
    const started = performance.now();
    const sent = traces.during('publish', () => publisher.publish(update));
    timelines.published({ ...sent, encodeMs: performance.now() - started });
  };
  return {
    reduceInOrder: async (contributions) => {
      const shards = contributions.map(({ sampleCount, payload }) => ({ sampleCount, payload }));
      // The payloads are nobody else's any more: they are given away, not copied.
      const buffers = shards.map(({ payload }) => payload.buffer as ArrayBuffer);
      const { update, reduceMs } = await engine.run('reduceInOrder', { shards }, buffers);
      timelines.reduced(reduceMs);
      return update;
    },
    applyAndPublish: async (version, payload) => {
      await applied;
      const evaluated = isEvaluated(version);
      applied = traces.during('apply', () => engine.run('apply', { version, rows, payload }));
      if (numerics === 'tolerant') {
        const sent = await traces.during('publish', () => publisher.publishState());
        timelines.published({ ...sent, encodeMs: 0 });
      } else if (version % PROOF_EVERY === 0) {
        const { stateSha256 } = await engine.run('hash', undefined);
        publish({ version, rows, payload, evaluated, stateSha256 });
      } else {
        publish({ version, rows, payload, evaluated });
      }
    },
    settled: async () => {
      await applied;
    },
  };
}
