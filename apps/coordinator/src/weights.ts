import { sectionLengths, type Contribution, type RunSpec, type StepUpdate } from '@lockstep/core';
import { reduceDense } from '@lockstep/optim/reduce';
import type { OutgoingUpdate, Publisher } from './publisher.js';
import type { Replica } from './replica.js';
import type { StateAudit } from './state-audit.js';
import type { Timelines } from './timeline/timelines.js';
import type { StepTraces } from './tracing/step-traces.js';

export interface Weights {
  reduceInOrder(contributions: readonly Contribution[]): Promise<StepUpdate>;
  applyAndPublish(step: number, update: StepUpdate): Promise<void>;
  /** Resolves when everything published has been applied here too. */
  settled(): Promise<void>;
}

/** Who is told of what is done with them. */
export interface WeightsWatch {
  readonly timelines: Pick<Timelines, 'reduced' | 'published'>;
  readonly traces: Pick<StepTraces, 'during'>;
}

/** So many values are summed here in a few milliseconds, sooner than a busy machine wakes a thread. */
const FEW_VALUES = 1_000_000;

/**
 * The run's weights: each update goes to the workers and to the coordinator's replica in the same
 * turn, so that a snapshot asked for later holds it.
 *
 * With tolerant numerics workers might apply it otherwise, so they are sent the weights instead.
 *
 * @param uses what a version will be needed for
 * @param watch told how long it takes
 */
export function createWeights(
  replica: Replica,
  stateAudit: Pick<StateAudit, 'opens' | 'appended'>,
  publisher: Publisher,
  { steps, numerics, model, wire }: RunSpec,
  uses: {
    /** It will be evaluated. */
    readonly isEvaluated: (version: number) => boolean;
    /** It will be saved. */
    readonly isSaved: (version: number) => boolean;
  },
  watch: WeightsWatch,
): Weights {
  const { timelines, traces } = watch;
  const publish = (update: OutgoingUpdate): void => {
    const started = performance.now();
    const sent = traces.during('publish', () => publisher.publish(update));
    timelines.published({ ...sent, encodeMs: performance.now() - started });
  };
  const denseLength = sectionLengths(model.parameters, 0).dense;
  const reduceSections = async (
    sections: readonly Uint8Array<ArrayBuffer>[],
  ): Promise<Uint8Array> => {
    if (denseLength * sections.length <= FEW_VALUES) {
      return reduceDense(sections, denseLength, wire);
    }
    // They are nobody else's any more: they are given away, not copied.
    const buffers = sections.map(({ buffer }) => buffer);
    return (await replica.engine.run('reduceDense', { sections }, buffers)).dense;
  };
  return {
    reduceInOrder: async (contributions) => {
      const started = performance.now();
      const dense = await reduceSections(contributions.map(({ payload }) => payload.dense));
      timelines.reduced(performance.now() - started);
      const shards = contributions.map(({ sampleCount, payload, factoredSha256 }) => ({
        ...{ sampleCount, factored: payload.factored, factoredSha256 },
      }));
      return { shards, dense };
    },
    applyAndPublish: async (version, update) => {
      await replica.room();
      if (numerics === 'tolerant') {
        replica.append({ version, update });
        void replica.catchUp();
        const sent = await traces.during('publish', () => publisher.publishState());
        timelines.published({ ...sent, encodeMs: 0 });
        return;
      }
      const evaluated = uses.isEvaluated(version);
      const isKept = evaluated || uses.isSaved(version);
      // Proofs come with the answers of the next step: of the last version there are none.
      const prove = version < steps && stateAudit.opens(version, isKept);
      publish({ version, update, evaluated, prove });
      replica.append({ version, update });
      stateAudit.appended();
    },
    settled: () => replica.catchUp(),
  };
}
