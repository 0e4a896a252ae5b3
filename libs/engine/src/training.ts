import { createHash } from 'node:crypto';
import {
  canonicalise,
  contributionHash,
  encodeGradient,
  horizonAt,
  isFiniteUpdate,
  LockstepError,
  sectionLengths,
  sectionRoot,
  type EvaluationShard,
  type Gradient,
  type RunSpec,
  type Shard,
  type StateLayout,
  type StepSums,
  type StepUpdate,
} from '@lockstep/core';
import {
  Augmenter,
  gatherBatch,
  shardEpochs,
  shardSamples,
  type Batch,
  type DataSet,
} from '@lockstep/data';
import type { Network, Objective } from '@lockstep/model';
import {
  applyUpdate,
  disposeState,
  initialState,
  reduceDense,
  stateFromBytes,
  stateLayout,
  stateToBytes,
  unchangedState,
  type TrainingState,
} from '@lockstep/optim';
import * as tf from '@tensorflow/tfjs-core';
import type {
  ComputedFactors,
  ComputedShard,
  EvaluatedShard,
  Snapshot,
} from './engine-protocol.js';
import { initialTensors, ownTensors } from './initial-weights.js';
import { Inspection } from './inspection.js';
import { denseSection, evaluatedState, trainedState } from './network-state.js';
import { sumsOf } from './update-sums.js';

/**
 * A run's weights in the compute thread, and every computation on them. Coordinator and workers run
 * this same code, so that equal inputs give equal bits.
 */
export class Training {
  readonly #spec: RunSpec;
  readonly #network: Network;
  readonly #objective: Objective;
  readonly #data: DataSet | undefined;
  readonly #augmenter: Augmenter | undefined;
  readonly #layout: StateLayout;
  /** Versions kept for evaluation, by number; the current state may be one of them. */
  readonly #pins = new Map<number, TrainingState>();
  #current: TrainingState | undefined;
  /** The update that led to the current state; undefined when the state was loaded. */
  #lastUpdate: Gradient | undefined;

  /** @param data absent where nothing is computed from samples */
  constructor(spec: RunSpec, network: Network, objective: Objective, data: DataSet | undefined) {
    this.#spec = spec;
    this.#network = network;
    this.#objective = objective;
    this.#data = data;
    this.#augmenter = Augmenter.of(spec);
    this.#layout = stateLayout(spec);
  }

  /**
   * Becomes version 0.
   *
   * @param given `InitialWeights.bytes`; absent for the weights of the run's seed
   */
  initialise(given?: Uint8Array): void {
    const { weights, buffers } = given
      ? initialTensors(this.#network, given)
      : ownTensors(this.#network, this.#spec.seed);
    this.#become(initialState(tf, this.#layout, weights, buffers));
  }

  /** @param update the update that led to the state, for inspecting gradients */
  load(version: number, bytes: Uint8Array, update?: StepUpdate): void {
    const state = stateFromBytes(tf, this.#layout, version, bytes);
    this.#become(state, update && this.#sumsOf(update).gradient);
  }

  /** @throws LockstepError `internal` when the version is not pinned */
  export(pinned?: number): Snapshot {
    return exported(pinned === undefined ? this.#state : this.#pinned(pinned));
  }

  hash(): { version: number; stateSha256: string } {
    return { version: this.#state.version, stateSha256: sha256(stateToBytes(this.#state)) };
  }

  /**
   * Computes a shard's gradient.
   *
   * @param clean whether to classify the samples without dropout too
   * @param factorsKnown receives the factored section as soon as it is computed
   * @throws LockstepError `internal` when the state is not of the version before the shard's step
   */
  async compute(
    shard: Shard,
    clean: boolean,
    factorsKnown: (factors: ComputedFactors) => void,
  ): Promise<ComputedShard> {
    const started = performance.now();
    const state = this.#state;
    const { version } = state;
    if (version !== shard.step - 1) {
      throw new LockstepError('internal', `step ${shard.step} asked of version ${version}`);
    }
    const { seed, keepProb, wire } = this.#spec;
    const batch = this.#trainingBatch(shard);
    const key = { seed, keepProb, step: shard.step, firstSample: shard.firstSample };
    let factoredRoot = '';
    let earlyMs = 0;
    const sendFactors = (values: Float32Array): void => {
      const known = performance.now();
      canonicalise(values, wire);
      const factored = encodeGradient(values, wire);
      factorsKnown({ factored, factoredSha256: sha256(factored) });
      factoredRoot = sectionRoot(values);
      earlyMs = performance.now() - known;
    };
    const { parameters } = this.#spec.model;
    const gradient = await this.#network.gradient({
      ...{ ...key, clean, parameters, batch, state: trainedState(state) },
      objective: this.#objective,
      factorsKnown: sendFactors,
    });
    const { totals } = gradient;
    const computed = performance.now();
    const values = denseSection(gradient, state);
    canonicalise(values, wire);
    const dense = encodeGradient(values, wire);
    const roots = { factored: factoredRoot, dense: sectionRoot(values) };
    const contributionSha256 = contributionHash(totals, roots);
    const computeMs = computed - started - earlyMs;
    const encodeMs = performance.now() - computed + earlyMs;
    return { totals, dense, sha256: contributionSha256, computeMs, encodeMs };
  }

  #trainingBatch(shard: Shard): Batch {
    const samples = shardSamples(this.#spec, shard);
    const batch = gatherBatch(this.#samples.train, samples);
    this.#augmenter?.augment(batch.inputs, samples, shardEpochs(this.#spec, shard));
    return batch;
  }

  /** @param sections the shards' dense sections as wire bytes, in shard order */
  reduceDense(sections: readonly Uint8Array[]): { dense: Uint8Array<ArrayBuffer> } {
    const { dense: length } = sectionLengths(this.#spec.model, 0);
    return { dense: reduceDense(sections, length, this.#spec.wire) };
  }

  /**
   * Applies a step's update; one that is not finite changes nothing where the run skips such steps.
   *
   * @throws LockstepError `internal` when the state is not of the version before `version`
   */
  apply(version: number, update: StepUpdate): { applyMs: number } {
    const started = performance.now();
    const state = this.#state;
    if (state.version !== version - 1) {
      throw new LockstepError('internal', `update ${version} after version ${state.version}`);
    }
    if (this.#spec.onNonfinite === 'skip' && !isFiniteUpdate(update, this.#spec)) {
      this.#become(unchangedState(state));
      return { applyMs: performance.now() - started };
    }
    const sums = this.#sumsOf(update);
    const options = { ...this.#spec, steps: horizonAt(this.#spec, version) };
    const isPinned = this.#pins.get(state.version) === state;
    this.#become(applyUpdate(tf, state, sums, options, isPinned), sums.gradient);
    return { applyMs: performance.now() - started };
  }

  /**
   * Keeps a version's state for evaluation.
   *
   * @param bytes the state, where it is not the current one
   * @throws LockstepError `internal` when it is neither given nor current
   */
  pin(version: number, bytes?: Uint8Array): void {
    if (this.#pins.has(version)) return;
    const state = bytes
      ? stateFromBytes(tf, this.#layout, version, bytes)
      : currentAt(this.#state, version);
    this.#pins.set(version, state);
  }

  unpin(version: number): void {
    const pinned = this.#pins.get(version);
    this.#pins.delete(version);
    if (pinned && pinned !== this.#current) disposeState(pinned);
  }

  /** Classifies a slice of the test set by the weights of a pinned version. */
  evaluate({ version, firstSample, sampleCount }: EvaluationShard): EvaluatedShard {
    const state = evaluatedState(this.#pinned(version));
    const indices = Uint32Array.from({ length: sampleCount }, (_, i) => firstSample + i);
    const batch = gatherBatch(this.#samples.test, indices);
    const { metricSums, lossSum, ...found } = this.#network.evaluate(state, batch, this.#objective);
    const predictions = Uint16Array.from(found.predictions);
    const confidences = Float32Array.from(found.confidences);
    return { metricSums, lossSum, predictions, confidences };
  }

  /**
   * @param images [count, height, width, channels], in [0, 1]
   * @returns [count, classes]
   */
  predict(images: Float32Array): Float32Array {
    return this.#network.predict(evaluatedState(this.#state), images);
  }

  /**
   * A state for inspection.
   *
   * @param pinned its version; absent: the current one
   * @throws LockstepError `internal` when the version is not pinned
   */
  inspect(pinned?: number): Inspection {
    if (pinned === undefined) {
      return new Inspection(this.#spec, this.#network, this.#state, this.#lastUpdate);
    }
    return new Inspection(this.#spec, this.#network, this.#pinned(pinned), undefined);
  }

  /** @throws LockstepError `internal` when the version is not pinned */
  saveModel(folder: string, pinned?: number): Promise<void> {
    const state = pinned === undefined ? this.#state : this.#pinned(pinned);
    return this.#network.save(evaluatedState(state), folder);
  }

  #become(next: TrainingState, update?: Gradient): void {
    const previous = this.#current;
    this.#current = next;
    this.#lastUpdate = update;
    if (previous && this.#pins.get(previous.version) !== previous) disposeState(previous);
  }

  #sumsOf(update: StepUpdate): StepSums {
    return sumsOf(update, this.#spec.model, this.#spec.wire);
  }

  #pinned(version: number): TrainingState {
    const pinned = this.#pins.get(version);
    if (pinned) return pinned;
    throw new LockstepError('internal', `version ${version} is not pinned`);
  }

  get #state(): TrainingState {
    if (this.#current) return this.#current;
    throw new LockstepError('internal', 'the engine holds no weights yet');
  }

  get #samples(): DataSet {
    if (this.#data) return this.#data;
    throw new LockstepError('internal', 'the engine was prepared without data');
  }
}

function exported(state: TrainingState): Snapshot {
  const bytes = owned(stateToBytes(state));
  const hash = createHash('sha256').update(bytes.subarray(0, weightBytes(state)));
  const weightsSha256 = hash.copy().digest('hex');
  const stateSha256 = hash.update(bytes.subarray(weightBytes(state))).digest('hex');
  return { version: state.version, state: bytes, stateSha256, weightsSha256 };
}

/** Length of the weights, the first part of a state's bytes. */
function weightBytes({ weights }: TrainingState): number {
  return weights.reduce((sum, { size }) => sum + size * Float32Array.BYTES_PER_ELEMENT, 0);
}

function currentAt(state: TrainingState, version: number): TrainingState {
  if (state.version === version) return state;
  throw new LockstepError(
    'internal',
    `version ${version} is gone, the state is at ${state.version}`,
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that own their ArrayBuffer, so that it can be transferred to another thread. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole && bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer)
    : Uint8Array.from(bytes);
}
