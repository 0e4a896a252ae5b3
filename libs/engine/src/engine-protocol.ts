import type { ExportFormat } from '@lockstep/export';
import type { Filters, Histogram, LayerDescription } from '@lockstep/model';
import type { LossChoice } from '@lockstep/model/objective';
import type { GivenWeights, InitialWeights } from './initial-weights.js';
import type {
  DataSpec,
  EvaluationShard,
  ModelSpec,
  RunSpec,
  Shard,
  ShardTotals,
  StepUpdate,
} from '@lockstep/core';

/** Start settings of the compute thread. */
export interface EngineSettings {
  /** TensorFlow threads; the environment must hold them before the first engine starts. */
  readonly threads: number;
  /** `native` or `wasm`; absent for the best that set-up found. */
  readonly backend?: 'native' | 'wasm';
  /** Starting fails where it is missing; the CPU by default. */
  readonly device?: 'cpu' | 'gpu';
  /** How long a user's model file may take to load; a minute by default. */
  readonly modelLimitMs?: number;
  /** Nice value added for the thread, see `lowerPriority`; none if absent. */
  readonly niceness?: number;
}

/** The environment of the compute thread. */
export interface EngineFacts {
  readonly backend: 'native' | 'wasm';
  /** Version of TensorFlow, or of the wasm backend. */
  readonly tensorflow: string;
  readonly device: 'cpu' | 'gpu';
}

/** A run to compute for: its spec, and where this machine keeps the model's file and the data. */
export interface EngineRun {
  readonly spec: RunSpec;
  /** A built-in's name or the path of a user's model module. */
  readonly model: string;
  /** A data set's name or the path of its folder; absent where nothing is computed from samples. */
  readonly data?: string;
}

/** Weights, buffers and optimizer state after `version` steps. */
export interface Snapshot {
  readonly version: number;
  /** The weights, the buffers, then each of the optimizer's slots, as little-endian float32. */
  readonly state: Uint8Array<ArrayBuffer>;
  /** SHA-256 (hex) of the weights alone. */
  readonly weightsSha256: string;
  /** SHA-256 (hex) of `state`. */
  readonly stateSha256: string;
}

/** The result of computing a shard, with durations. */
export interface ComputedShard {
  readonly totals: ShardTotals;
  /** The gradient's dense section as wire bytes; the factored one came early. */
  readonly dense: Uint8Array<ArrayBuffer>;
  /** `contributionHash`, hex. */
  readonly sha256: string;
  /** Gathering the samples and computing. */
  readonly computeMs: number;
  /** Encoding and hashing both sections. */
  readonly encodeMs: number;
}

/** The part of a shard's result that is computed first. */
export interface ComputedFactors {
  /** The gradient's factored section as wire bytes. */
  readonly factored: Uint8Array<ArrayBuffer>;
  /** SHA-256 of these bytes, hex. */
  readonly factoredSha256: string;
}

/** The predictions for a slice of the test set. */
export interface EvaluatedShard {
  /** As in `ShardTotals`. */
  readonly metricSums: readonly number[];
  readonly lossSum: number;
  /** Predicted class of each sample; none for a regression. */
  readonly predictions: Uint16Array<ArrayBuffer>;
  /** The probability of that class; none for a regression. */
  readonly confidences: Float32Array<ArrayBuffer>;
}

/** A layer's output for one image, one byte per value; see `Quantised`. */
export interface QuantisedActivation {
  readonly layer: string;
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
  /** Its levels begin here in the observation's. */
  readonly offset: number;
}

/** What the current version makes of one image. */
export interface Observation {
  readonly version: number;
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** In layer order; none unless asked for. */
  readonly activations: readonly QuantisedActivation[];
  readonly levels: Uint8Array<ArrayBuffer>;
}

/** How a parameter's values spread, and those of its last gradient. */
export interface ParameterHistograms {
  readonly name: string;
  /** Values it has, and how many of them were looked at. */
  readonly size: number;
  readonly sampled: number;
  readonly weights: Histogram;
  /** Of the last update's mean over the step's samples; absent before the first and after a load. */
  readonly gradient?: Histogram;
}

/** Every command of the compute thread, as argument and result. They run in the order they were sent. */
export interface EngineCommands {
  /** The ModelSpec for given data, batch and shard size; loads no data and no weights. */
  describeModel: {
    argument: {
      model: string;
      data: DataSpec;
      /** The loss that the options ask for; absent: that of the model, or the default one. */
      loss?: LossChoice;
    } & Pick<RunSpec, 'batch' | 'shardSize'>;
    result: ModelSpec;
  };
  /** Loads a run's model and, where a folder or name is given, its data. */
  prepare: { argument: EngineRun; result: undefined };
  /** The hash of a probe: the gradient of each shard shape, a reduce, an apply, on fixed numbers. */
  probe: { argument: undefined; result: { fingerprint: string } };
  /** Version 0 of a run that begins with given weights; loads no data. */
  initialWeights: {
    argument: { model: string; data: DataSpec; seed: number; given: GivenWeights };
    result: InitialWeights;
  };
  /** Becomes version 0: `InitialWeights.bytes`, or without them the weights of the run's seed. */
  initialise: { argument: Uint8Array | undefined; result: undefined };
  load: {
    argument: {
      version: number;
      state: Uint8Array;
      /** The update that led to it, for those who look at gradients. */
      update?: StepUpdate;
    };
    result: undefined;
  };
  /** The state as it is now, or as it was when `pinned` was pinned. */
  export: { argument: { pinned?: number }; result: Snapshot };
  hash: { argument: undefined; result: { version: number; stateSha256: string } };
  /** A shard's gradient with the weights of the version before its step. */
  computeGradient: {
    argument: { shard: Shard; clean: boolean };
    early: ComputedFactors;
    result: ComputedShard;
  };
  /** The sum of the shards' dense sections, given in shard order: a `StepUpdate`'s. */
  reduceDense: {
    argument: { sections: readonly Uint8Array[] };
    result: { dense: Uint8Array<ArrayBuffer> };
  };
  apply: {
    argument: { version: number; update: StepUpdate };
    result: { applyMs: number };
  };
  /** Keeps a version's weights for evaluation; its state where it is not the current one. */
  pin: { argument: { version: number; state?: Uint8Array }; result: undefined };
  unpin: { argument: { version: number }; result: undefined };
  evaluate: { argument: { shard: EvaluationShard }; result: EvaluatedShard };
  predict: {
    argument: { images: Float32Array };
    result: { probabilities: Float32Array<ArrayBuffer> };
  };
  describeLayers: { argument: undefined; result: readonly LayerDescription[] };
  /** One image, with what every layer makes of it where that is asked for. */
  observe: {
    argument: {
      /** [height · width · channels], in [0, 1] */
      image: Float32Array;
      activations: boolean;
      /** Drops what the next step would drop of the sample at this place of its batch. */
      dropoutOf?: number;
      /** The pinned version that predicts; absent: the current one. */
      pinned?: number;
    };
    result: Observation;
  };
  histograms: {
    argument: undefined;
    result: { version: number; parameters: readonly ParameterHistograms[] };
  };
  /** The weights that look at the image itself; absent where none do. */
  firstFilters: { argument: { most: number }; result: { version: number; filters?: Filters } };
  /** Saves the weights, as they are now or of a pinned version, as a tfjs LayersModel. */
  saveModel: { argument: { folder: string; pinned?: number }; result: undefined };
  /** Saves the weights as a file of another format. */
  exportModel: {
    argument: { format: Exclude<ExportFormat, 'tfjs'>; path: string };
    result: undefined;
  };
  memory: { argument: undefined; result: { tensors: number } };
}

export type CommandName = keyof EngineCommands;

/** Type of the one message that a command may send before its result; `never` for most. */
export type Early<Name extends CommandName> = EngineCommands[Name] extends { early: infer Part }
  ? Part
  : never;

/** A command on its way to the thread. */
export interface EngineRequest {
  readonly id: number;
  readonly command: CommandName;
  readonly argument: unknown;
}

/** What the thread sends back: first its facts, then one reply a command, perhaps an early part before. */
export type EngineMessage =
  | { readonly kind: 'ready'; readonly facts: EngineFacts }
  /** The user's model file begins to be loaded; absent: it is loaded. */
  | { readonly kind: 'user-code'; readonly file: string | undefined }
  | { readonly kind: 'early'; readonly id: number; readonly part: unknown }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number | undefined; readonly error: EngineFailure };

/** An error in a form that crosses the thread's border. */
export interface EngineFailure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
  readonly passing: boolean;
  readonly stack: string | undefined;
}
