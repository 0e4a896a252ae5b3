import type { Contribution, RunSpec } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { Publisher } from './publisher.js';

/** Steps between two proofs that all workers hold the coordinator's very state. */
const PROOF_EVERY = 100;

export interface Weights {
  reduceInOrder(contributions: readonly Contribution[]): Promise<Uint8Array>;
  applyAndPublish(step: number, update: Uint8Array): Promise<void>;
  /** Resolves when everything published has been applied here too. */
  settled(): Promise<void>;
}

/**
 * The coordinator's weights: each update goes to the workers and to the engine in the same turn, so
 * that everybody applies it at the same time, and the next step need not wait for this process.
 *
 * With tolerant numerics workers might apply it otherwise, so they are sent the weights instead.
 *
 * @param isEvaluated whether a version will be evaluated
 */
export function createWeights(
  engine: Engine,
  publisher: Publisher,
  { batch: rows, numerics }: Pick<RunSpec, 'batch' | 'numerics'>,
  isEvaluated: (version: number) => boolean,
): Weights {
  let applied: Promise<unknown> = Promise.resolve();
  return {
    reduceInOrder: async (contributions) => {
      const shards = contributions.map(({ sampleCount, payload }) => ({ sampleCount, payload }));
      const { update } = await engine.run('reduceInOrder', { shards });
      return update;
    },
    applyAndPublish: async (version, payload) => {
      await applied;
      const evaluated = isEvaluated(version);
      applied = engine.run('apply', { version, rows, payload });
      if (numerics === 'tolerant') {
        await publisher.publishState();
      } else if (version % PROOF_EVERY === 0) {
        const { stateSha256 } = await engine.run('hash', undefined);
        publisher.publish({ version, rows, payload, evaluated, stateSha256 });
      } else {
        publisher.publish({ version, rows, payload, evaluated });
      }
    },
    settled: async () => {
      await applied;
    },
  };
}
