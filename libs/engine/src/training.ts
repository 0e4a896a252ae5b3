import { createHash } from 'node:crypto';
import {
  encodeGradient,
  finishContributionHash,
  horizonAt,
  LockstepError,
  sectionLengths,
  type EvaluationShard,
  type Gradient,
  type RunSpec,
  type Shard,
  type StepUpdate,
} from '@lockstep/core';
import { gatherBatch, shardSamples, type DataSet } from '@lockstep/data';
import {
  computeGradient,
  evaluateBatch,
  initialWeights,
  predict,
  saveLayersModel,
  type Model,
} from '@lockstep/model';
import {
  applyUpdate,
  disposeState,
  initialState,
  reduceDense,
  stateFromBytes,
  stateLayout,
  stateToBytes,
  type ApplyOptions,
  type TrainingState,
} from '@lockstep/optim';
import * as tf from '@tensorflow/tfjs-core';
import type {
  ComputedFactors,
  ComputedShard,
  EvaluatedShard,
  Snapshot,
} from './engine-protocol.js';
import { createInspection, type Inspection } from './inspection.js';
import { gradientOf } from './update-gradient.js';

/**
 * A run's weights in the compute thread, and all that is done with them. Coordinator and workers
 * run this same code, so that equal inputs give equal bits.
 */
export interface Training {
  initialise(): void;
  load(version: number, state: Uint8Array, update?: StepUpdate): void;
  export(pinned?: number): Snapshot;
  hash(): { version: number; stateSha256: string };
  /** @throws LockstepError `internal` when the state is not of the version before the shard's step */
  compute(
    shard: Shard,
    clean: boolean,
    factorsKnown: (factors: ComputedFactors) => void,
  ): ComputedShard;
  reduce(sections: readonly Uint8Array[]): { dense: Uint8Array<ArrayBuffer> };
  apply(version: number, update: StepUpdate): { applyMs: number };
  pin(version: number, state?: Uint8Array): void;
  unpin(version: number): void;
  evaluate(shard: EvaluationShard): EvaluatedShard;
  predict(images: Float32Array): Float32Array;
  readonly inspection: Inspection;
  saveModel(folder: string): Promise<void>;
}

/** @param data absent where nothing is computed from samples */
export function createTraining(spec: RunSpec, model: Model, data: DataSet | undefined): Training {
  const { parameters } = spec.model;
  const layout = stateLayout(spec);
  const { optimizer, batch } = spec;
  const applyOptions = (version: number): ApplyOptions => ({
    ...{ optimizer, batch, steps: horizonAt(spec, version) },
  });
  const denseLength = sectionLengths(parameters, 0).dense;
  const pins = new Map<number, TrainingState>();
  let current: TrainingState | undefined;
  /** That made the current state of the one before; none when it was loaded. */
  let lastUpdate: Gradient | undefined;

  const state = (): TrainingState => {
    if (current) return current;
    throw new LockstepError('internal', 'the engine holds no weights yet');
  };
  const become = (next: TrainingState, update?: Gradient): void => {
    const previous = current;
    current = next;
    lastUpdate = update;
    if (previous && pins.get(previous.version) !== previous) disposeState(previous);
  };
  const samples = (): DataSet => {
    if (data) return data;
    throw new LockstepError('internal', 'the engine was prepared without data');
  };

  return {
    initialise: () => become(initialState(tf, layout, initialWeights(model, spec.seed))),
    load: (version, bytes, update) =>
      become(
        stateFromBytes(tf, layout, version, bytes),
        update && gradientOf(update, parameters, spec.wire),
      ),
    export: (pinned) => exported(pinned === undefined ? state() : pinnedState(pins, pinned)),
    hash: () => ({ version: state().version, stateSha256: sha256(stateToBytes(state())) }),
    compute: (shard, clean, factorsKnown) => {
      const started = performance.now();
      if (state().version !== shard.step - 1) {
        const held = `step ${shard.step} asked of version ${state().version}`;
        throw new LockstepError('internal', held);
      }
      const batch = gatherBatch(samples().train, shardSamples(spec, shard));
      const request = { ...place(spec, shard), clean };
      const hash = createHash('sha256');
      let earlyMs = 0;
      const tell = (values: Float32Array): void => {
        const known = performance.now();
        const factored = encodeGradient(values, spec.wire);
        hash.update(factored);
        factorsKnown({ factored, factoredSha256: hash.copy().digest('hex') });
        earlyMs = performance.now() - known;
      };
      const { weights } = state();
      const { totals, sections } = computeGradient(
        ...([model, parameters, weights, batch, request, tell] as const),
      );
      const computed = performance.now();
      const dense = encodeGradient(sections.dense, spec.wire);
      const sha256 = finishContributionHash(hash.update(dense), totals);
      const computeMs = computed - started - earlyMs;
      return { totals, dense, sha256, computeMs, encodeMs: performance.now() - computed + earlyMs };
    },
    reduce: (sections) => ({ dense: reduceDense(sections, denseLength, spec.wire) }),
    apply: (version, update) => {
      const started = performance.now();
      if (state().version !== version - 1) {
        const held = `update ${version} after version ${state().version}`;
        throw new LockstepError('internal', held);
      }
      const gradient = gradientOf(update, parameters, spec.wire);
      const isPinned = pins.get(state().version) === current;
      become(applyUpdate(tf, state(), gradient, applyOptions(version), isPinned), gradient);
      return { applyMs: performance.now() - started };
    },
    pin: (version, bytes) => {
      if (pins.has(version)) return;
      pins.set(
        version,
        bytes ? stateFromBytes(tf, layout, version, bytes) : currentAt(state(), version),
      );
    },
    unpin: (version) => {
      const pinned = pins.get(version);
      pins.delete(version);
      if (pinned && pinned !== current) disposeState(pinned);
    },
    evaluate: ({ version, firstSample, sampleCount }) => {
      const { weights } = pinnedState(pins, version);
      const indices = Uint32Array.from({ length: sampleCount }, (_, i) => firstSample + i);
      const batch = gatherBatch(samples().test, indices);
      const found = evaluateBatch(model, weights, batch);
      const { correct: correctCount, lossSum, predictions } = found;
      const confidences = Float32Array.from(found.confidences);
      return { correctCount, lossSum, predictions: owned(predictions), confidences };
    },
    predict: (images) => predict(model, state().weights, images),
    inspection: createInspection(spec, model, () => ({ state: state(), update: lastUpdate })),
    saveModel: (folder) => saveLayersModel(model, state().weights, folder),
  };
}

function exported(state: TrainingState): Snapshot {
  const bytes = owned(stateToBytes(state));
  const hash = createHash('sha256').update(bytes.subarray(0, weightBytes(state)));
  const weightsSha256 = hash.copy().digest('hex');
  const stateSha256 = hash.update(bytes.subarray(weightBytes(state))).digest('hex');
  return { version: state.version, state: bytes, stateSha256, weightsSha256 };
}

/** Length of the weights, which a state's bytes begin with. */
function weightBytes({ weights }: TrainingState): number {
  return weights.reduce((sum, { size }) => sum + size * Float32Array.BYTES_PER_ELEMENT, 0);
}

/** By which the dropout of a shard's samples is drawn. */
function place({ seed, keepProb }: RunSpec, { step, firstSample }: Shard) {
  return { seed, keepProb, step, firstSample };
}

function pinnedState(pins: ReadonlyMap<number, TrainingState>, version: number): TrainingState {
  const pinned = pins.get(version);
  if (pinned) return pinned;
  throw new LockstepError('internal', `version ${version} is not pinned`);
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

/** Bytes that own their ArrayBuffer, so that it can be handed to another thread. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole && bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer)
    : Uint8Array.from(bytes);
}
