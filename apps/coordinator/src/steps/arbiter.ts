import { LockstepError, type Arbitration } from '@lockstep/core';
import { planStep } from '@lockstep/data';
import { computeStep, type Engine, type EngineRun } from '@lockstep/engine';
import {
  listCheckpoints,
  loadLastCheckpoint,
  readInitialWeights,
  type Disk,
} from '@lockstep/store';
import type { Replica } from '../state/replica.js';
import { ACCURACY_EVERY } from './shard-jobs.js';
import { verifyContribution } from './verify-contribution.js';

export interface ArbiterParts {
  /** What the engine is prepared with, the data included. */
  readonly run: EngineRun;
  /** The run's numerics fingerprint, which the arbiter's engine must have. */
  readonly fingerprint: string;
  readonly disk: Disk;
  readonly replica: Pick<Replica, 'version' | 'newest'>;
  /** Starts an engine of lower priority than the others. */
  readonly startEngine: () => Promise<Engine>;
}

/** An engine, and the version of its state; undefined if it has none yet. */
interface Started {
  readonly engine: Engine;
  version: number | undefined;
}

/**
 * Decides disputes: computes a shard again on an engine of its own, which runs only while there are
 * disputes. Shards of the open step are computed from the replica's state, those of committed steps from
 * the last checkpoint before them, by computing the steps in between.
 */
export class Arbiter {
  readonly #parts: ArbiterParts;
  #started: Promise<Started> | undefined;
  /** Shards that are computed or wait. */
  #pending = 0;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(parts: ArbiterParts) {
    this.#parts = parts;
  }

  /**
   * Computes a shard, after those requested before.
   *
   * @returns the `contributionHash` of the right contribution, and whether it is finite
   * @throws LockstepError if no engine of the run's fingerprint can be started here, or the data are missing
   */
  compute(step: number, index: number): Promise<Arbitration> {
    this.#pending += 1;
    const computed = this.#last.then(() => this.#compute(step, index));
    this.#last = computed
      .catch(() => undefined)
      .then(() => {
        this.#pending -= 1;
        return this.#pending === 0 ? this.#stop() : undefined;
      });
    return computed;
  }

  /** Ends the engine; what is being computed is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#stop();
  }

  async #compute(step: number, index: number): Promise<Arbitration> {
    if (this.#closed) throw new LockstepError('internal', 'the run has ended');
    this.#started ??= this.#start();
    const started = await this.#started;
    await this.#reach(started, step - 1);
    const { spec } = this.#parts.run;
    const shard = planStep(spec, step)[index];
    if (!shard) throw new LockstepError('internal', `step ${step} has no shard ${index}`);
    const sections = { factored: new Uint8Array(), dense: new Uint8Array() };
    const given = { shard, clean: isClean(step) };
    const computed = await started.engine.run('computeGradient', given, [], ({ factored }) => {
      sections.factored = factored;
    });
    const { totals, dense, sha256 } = computed;
    const contribution = { ...totals, sha256, wire: spec.wire };
    const check = verifyContribution(spec, shard, contribution, { ...sections, dense });
    return { sha256, finite: check !== 'not-finite' };
  }

  async #start(): Promise<Started> {
    const { startEngine, fingerprint, run } = this.#parts;
    const engine = await startEngine();
    try {
      await engine.run('prepare', run);
      const probed = await engine.run('probe', undefined);
      if (probed.fingerprint === fingerprint) return { engine, version: undefined };
      throw new LockstepError('internal', 'a second engine here has another numerics fingerprint');
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  /** Brings the engine to a version. */
  async #reach(started: Started, version: number): Promise<void> {
    const { spec } = this.#parts.run;
    started.version = await this.#nearest(started, version);
    for (let step = started.version + 1; step <= version; step++) {
      const { update } = await computeStep(started.engine, planStep(spec, step), isClean(step));
      await started.engine.run('apply', { version: step, update });
      started.version = step;
    }
  }

  /** Loads the newest known state that is not beyond `version`. @returns its version */
  async #nearest({ engine, version: held = -1 }: Started, version: number): Promise<number> {
    const { disk, run, replica } = this.#parts;
    if (held === version) return held;
    if (replica.version <= version) {
      const { version: newest, state } = await replica.newest('export', {});
      await engine.run('load', { version: newest, state }, [state.buffer]);
      return newest;
    }
    const saved = (await listCheckpoints(disk)).filter((each) => each <= version).at(-1) ?? 0;
    if (held >= saved && held <= version) return held;
    const { checkpoint } = await loadLastCheckpoint(disk, run.spec, version);
    if (!checkpoint) await engine.run('initialise', await readInitialWeights(disk, run.spec));
    else await engine.run('load', { version: checkpoint.version, state: checkpoint.state });
    return checkpoint?.version ?? 0;
  }

  async #stop(): Promise<void> {
    const starting = this.#started;
    this.#started = undefined;
    const started = await starting?.catch(() => undefined);
    await started?.engine.close();
  }
}

/** Whether the workers classify the step's samples without dropout too. */
function isClean(step: number): boolean {
  return step % ACCURACY_EVERY === 0;
}
