import type {
  DataSpec,
  EvaluationShard,
  ModelSpec,
  RunSpec,
  Shard,
  ShardTotals,
} from '@lockstep/core';

/** What the compute thread is started with. */
export interface EngineSettings {
  /** TensorFlow threads; the environment must hold them before the first engine starts. */
  readonly threads: number;
  /** `native` or `wasm`; absent for the best that set-up found. */
  readonly backend?: 'native' | 'wasm';
}

/** What the compute thread found itself running on. */
export interface EngineFacts {
  readonly backend: 'native' | 'wasm';
  /** Version of TensorFlow, or of the wasm backend. */
  readonly tensorflow: string;
}

/** A run to compute for: its spec, and where this machine keeps the model's file and the data. */
export interface EngineRun {
  readonly spec: RunSpec;
  /** A built-in's name or the path of a user's model module. */
  readonly model: string;
  /** A data set's name or the path of its folder; absent where nothing is computed from samples. */
  readonly data?: string;
}

/** Weights and optimizer state after `version` steps. */
export interface Snapshot {
  readonly version: number;
  /** `weights, velocity` as little-endian float32, in parameter order. */
  readonly state: Uint8Array<ArrayBuffer>;
  /** SHA-256 (hex) of the weights alone. */
  readonly weightsSha256: string;
  /** SHA-256 (hex) of `state`. */
  readonly stateSha256: string;
}

/** A shard's answer, with the time it took. */
export interface ComputedShard {
  readonly totals: ShardTotals;
  /** The gradient's wire bytes. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** `contributionHash`, hex. */
  readonly sha256: string;
  /** Gathering the samples and computing. */
  readonly computeMs: number;
  /** Encoding and hashing the payload. */
  readonly encodeMs: number;
}

/** What a model made of some test samples. */
export interface EvaluatedShard {
  readonly correctCount: number;
  readonly lossSum: number;
  /** The class each sample was taken for. */
  readonly predictions: Uint8Array<ArrayBuffer>;
}

/** Every command of the compute thread, as argument and result. They run in the order they were sent. */
export interface EngineCommands {
  /** What a model is for some data and a batch; prepares nothing. */
  describeModel: {
    argument: { model: string; data: DataSpec; batch: number };
    result: ModelSpec;
  };
  /** Loads a run's model and, where a folder or name is given, its data. */
  prepare: { argument: EngineRun; result: undefined };
  /** The hash of a probe: the gradient of each shard shape, a reduce, an apply, on fixed numbers. */
  probe: { argument: undefined; result: { fingerprint: string } };
  /** Version 0, from the run's seed. */
  initialise: { argument: undefined; result: undefined };
  load: { argument: { version: number; state: Uint8Array }; result: undefined };
  /** The state as it is now, or as it was when `pinned` was pinned. */
  export: { argument: { pinned?: number }; result: Snapshot };
  hash: { argument: undefined; result: { version: number; stateSha256: string } };
  /** A shard's gradient with the weights of the version before its step. */
  computeGradient: { argument: { shard: Shard; clean: boolean }; result: ComputedShard };
  /** The shards' gradients, in shard order, to the step's update. */
  reduceInOrder: {
    argument: { shards: readonly { sampleCount: number; payload: Uint8Array }[] };
    result: { update: Uint8Array<ArrayBuffer>; reduceMs: number };
  };
  apply: {
    argument: { version: number; rows: number; payload: Uint8Array };
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
  /** Saves the weights as a tfjs LayersModel. */
  saveModel: { argument: { folder: string }; result: undefined };
  memory: { argument: undefined; result: { tensors: number } };
}

export type CommandName = keyof EngineCommands;

/** A command on its way to the thread. */
export interface EngineRequest {
  readonly id: number;
  readonly command: CommandName;
  readonly argument: unknown;
}

/** What the thread sends back: first its facts, then one reply a command. */
export type EngineMessage =
  | { readonly kind: 'ready'; readonly facts: EngineFacts }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number | undefined; readonly error: EngineFailure };

/** An error in a form that crosses the thread's border. */
export interface EngineFailure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
  readonly stack: string | undefined;
}
