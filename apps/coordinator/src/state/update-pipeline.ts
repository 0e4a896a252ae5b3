import {
  sectionLengths,
  type Clock,
  type Contribution,
  type RunSpec,
  type StepUpdate,
} from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { reduceDense } from '@lockstep/optim/reduce';
import type { Timelines } from '../timeline/timelines.js';
import type { StepTraces } from '../tracing/step-traces.js';
import type { Replica } from './replica.js';
import type { StateAudit } from './state-audit.js';
import type { UpdateStream } from './update-stream.js';

/** Up to this many values, reduce on this thread: waking the engine's thread costs more. */
const FEW_VALUES = 1_000_000;

export interface UpdatePipelineParts {
  readonly clock: Pick<Clock, 'monotonicNow'>;
  readonly spec: RunSpec;
  readonly engine: Engine;
  readonly replica: Replica;
  readonly updateStream: UpdateStream;
  readonly stateAudit: Pick<StateAudit, 'opens' | 'appended'>;
  readonly timelines: Pick<Timelines, 'reduced' | 'published'>;
  readonly traces: Pick<StepTraces, 'during'>;
  /** Whether a version will be evaluated. */
  readonly isEvaluated: (version: number) => boolean;
  /** Whether a version will be saved. */
  readonly isSaved: (version: number) => boolean;
}

/**
 * Builds a step's update from its contributions, and passes it to the replica and the workers in the same
 * turn of the event loop, so that a snapshot requested later includes it.
 */
export class UpdatePipeline {
  readonly #parts: UpdatePipelineParts;

  constructor(parts: UpdatePipelineParts) {
    this.#parts = parts;
  }

  /** Sums the gradients in shard order. */
  reduce(contributions: readonly Contribution[]): Promise<StepUpdate> {
    const { timelines, traces } = this.#parts;
    return traces.during('reduce', async () => {
      const started = this.#parts.clock.monotonicNow();
      const dense = await this.#reduceDense(contributions.map(({ payload }) => payload.dense));
      timelines.reduced(this.#parts.clock.monotonicNow() - started);
      const shards = contributions.map(({ sampleCount, payload, factoredSha256 }) => ({
        ...{ sampleCount, factored: payload.factored, factoredSha256 },
      }));
      return { shards, dense };
    });
  }

  /**
   * Applies an update to the replica and sends it to the workers, which apply it with the same code.
   * With tolerant numerics they might apply it differently, so they receive the weights instead.
   */
  async applyAndPublish(version: number, update: StepUpdate): Promise<void> {
    const { spec, replica, stateAudit } = this.#parts;
    await replica.room();
    if (spec.numerics === 'tolerant') return this.#publishState(version, update);
    const evaluated = this.#parts.isEvaluated(version);
    const isKept = evaluated || this.#parts.isSaved(version);
    // Proofs arrive with the contributions of the next step, so the last version has none.
    const prove = version < spec.steps && stateAudit.opens(version, isKept);
    this.#publish({ version, update, evaluated, prove });
    replica.apply({ version, update });
    stateAudit.appended();
  }

  /** Resolves when every published update has been applied to the replica too. */
  settled(): Promise<void> {
    return this.#parts.replica.catchUp();
  }

  #publish(update: Parameters<UpdateStream['publish']>[0]): void {
    const { updateStream, timelines, traces } = this.#parts;
    const started = this.#parts.clock.monotonicNow();
    const sent = traces.during('publish', () => updateStream.publish(update));
    timelines.published({ ...sent, encodeMs: this.#parts.clock.monotonicNow() - started });
  }

  async #publishState(version: number, update: StepUpdate): Promise<void> {
    const { replica, updateStream, timelines, traces } = this.#parts;
    replica.apply({ version, update });
    void replica.catchUp();
    const sent = await traces.during('publish', () => updateStream.publishState());
    timelines.published({ ...sent, encodeMs: 0 });
  }

  /** @param sections each shard's dense section, in shard order */
  async #reduceDense(sections: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
    const { spec, engine } = this.#parts;
    const denseLength = sectionLengths(spec.model, 0).dense;
    if (denseLength * sections.length <= FEW_VALUES) {
      return reduceDense(sections, denseLength, spec.wire);
    }
    // Nothing else uses the buffers any more: they are transferred, not copied.
    const buffers = sections.map(({ buffer }) => buffer);
    return (await engine.run('reduceDense', { sections }, buffers)).dense;
  }
}
