import { LockstepError } from './errors.js';
import type { ModelTensors } from './gradient.js';
import type { SelectionRule } from './selection.js';

/** The learning rate over a run; its entry in libs/optim declares and parses its own settings. */
export interface ScheduleSpec {
  /** Name of the registered schedule. */
  readonly kind: string;
  /** Steps at the beginning over which the learning rate rises linearly; absent for none. */
  readonly warmupSteps?: number;
  readonly [setting: string]: unknown;
}

/** Value of one optimizer setting. */
export type SettingValue = number | string | boolean;

/** The run's optimizer and its settings, which its entry in libs/optim declares and parses. */
export interface OptimizerSpec {
  /** Name of the registered optimizer. */
  readonly kind: string;
  readonly learningRate: number;
  readonly schedule: ScheduleSpec;
  readonly [setting: string]: unknown;
}

/**
 * Initial distribution of parameters. `tutorial`: weights truncated normal with σ 0.1, biases 0.1. `he`: weights
 * truncated normal with variance 2 / fan-in, biases 0 (He et al., arXiv:1502.01852).
 */
export type Initialisation = 'tutorial' | 'he';

/** The model a run trains: a built-in by name, or a user's module by file and content hash. */
export interface ModelSpec extends ModelTensors {
  readonly name: string;
  /** SHA-256 of the model's source file; absent for a built-in. */
  readonly sourceSha256?: string;
  /**
   * SHA-256 of what the model file defines, which depends on the files that it imports too; absent
   * for a built-in, and in runs that began before it was recorded.
   */
  readonly definitionSha256?: string;
  /** Absent for `tutorial`: for a built-in, and in runs of a user's model that began with it. */
  readonly initialisation?: Exclude<Initialisation, 'tutorial'>;
  readonly loss: LossSpec;
  /** Names of registered metrics; a contribution's metric sums are in this order. */
  readonly metrics: readonly string[];
  /** Those of the model file's own metrics of which a lower value is better; absent: none. */
  readonly lowerIsBetter?: readonly string[];
}

/** The loss a model is trained with, and its settings, which its entry in libs/model declares and parses. */
export interface LossSpec {
  /** Name of the registered loss. */
  readonly kind: string;
  readonly [setting: string]: unknown;
}

/** The data a run trains on, by content: two workers agree only if their bytes agree. */
export interface DataSpec {
  /** What the user asked for: `mnist`, `fashion-mnist` or a folder's base name. */
  readonly name: string;
  /** SHA-256 over all inputs and targets, see `loadDataSet`. */
  readonly sha256: string;
  readonly trainCount: number;
  readonly testCount: number;
  /** Of one sample: [height, width, channels] for pictures. */
  readonly inputShape: readonly number[];
  readonly target: Target;
  /** How they are read; absent where their path alone says it. */
  readonly reader?: DataReaderSpec;
}

/** A data reader and its settings, which its entry in libs/data declares and parses. */
export interface DataReaderSpec {
  /** Name of the registered reader. */
  readonly kind: string;
  readonly [setting: string]: unknown;
}

/** A random change of training pictures, and its setting, which its entry in libs/data declares. */
export interface AugmentationSpec {
  /** Name of the registered augmentation. */
  readonly kind: string;
  readonly [setting: string]: unknown;
}

/** Augmentations as `--augment` gives them: `flip,shift:2`. */
export function augmentationText(specs: readonly AugmentationSpec[]): string {
  return specs.map(({ kind, ...settings }) => [kind, ...Object.values(settings)].join(':')).join();
}

/** The target of a sample: one of a number of classes, or values of a regression. */
export type Target = { readonly classes: number } | { readonly values: number };

/**
 * [height, width, channels] of a data set of pictures.
 *
 * @throws LockstepError `internal` for other data
 */
export function imageShapeOf({
  inputShape,
}: Pick<DataSpec, 'inputShape'>): readonly [number, number, number] {
  const [height, width, channels, ...others] = inputShape;
  if (height && width && channels && others.length === 0) return [height, width, channels];
  throw new LockstepError(
    'internal',
    `samples of shape [${inputShape.join(', ')}] are no pictures`,
  );
}

/** Steps that were added to a run when it was resumed. */
export interface RunSegment {
  /** The last step committed before: the segment holds for the steps after it. */
  readonly afterStep: number;
  /** The run's last step, and the end of the schedule, from then on. */
  readonly steps: number;
}

export type Numerics = 'strict' | 'tolerant';
export type Device = 'cpu' | 'gpu';
export type WireFormat = 'f32' | 'bf16';

/**
 * All inputs that determine a run's bits, fixed when the run begins and stored as `spec.json`; only
 * segments are added. Two runs with equal specs end with equal weights.
 */
export interface RunSpec {
  /** 1 for a run of an earlier release, which can be looked at and not trained; see `fromFormat1`. */
  readonly formatVersion: 1 | 2;
  readonly model: ModelSpec;
  readonly data: DataSpec;
  /** Samples per step, over all shards. */
  readonly batch: number;
  /** Samples per shard; a step's last shard may be smaller. */
  readonly shardSize: number;
  /** Steps the run was begun with; `totalSteps` is how many it has by now. */
  readonly steps: number;
  /** Ascending by `afterStep`; absent for a run that was never extended. */
  readonly segments?: readonly RunSegment[];
  readonly optimizer: OptimizerSpec;
  /** Largest global norm of a step's mean gradient, to which a longer one is scaled; absent: none. */
  readonly clipNorm?: number;
  /** Decay of the moving average of the weights, which is evaluated and saved; absent: none is kept. */
  readonly ema?: number;
  /** Whether a step whose gradient is not finite changes nothing; absent: it ends the run. */
  readonly onNonfinite?: 'skip';
  /** How evaluations end the run and choose its model; absent: they do neither. */
  readonly selection?: SelectionRule;
  /** How training pictures are changed at random, in this order; absent: not at all. */
  readonly augment?: readonly AugmentationSpec[];
  /** Probability of keeping a unit in dropout, in (0, 1]. */
  readonly keepProb: number;
  readonly seed: number;
  /**
   * SHA-256 (hex) of version 0, weights and buffers, where the run begins with given weights; absent where it
   * begins with those of its seed.
   */
  readonly initSha256?: string;
  /** TensorFlow threads per worker: part of the numerics, since 1 and 2 threads round differently. */
  readonly threads: number;
  readonly numerics: Numerics;
  readonly device: Device;
  readonly wire: WireFormat;
}

/** Number of shards in every step of a run. */
export function shardsPerStep(spec: Pick<RunSpec, 'batch' | 'shardSize'>): number {
  return Math.ceil(spec.batch / spec.shardSize);
}

/** The RunSpec fields that determine how well a model learns. */
export type Recipe = Pick<RunSpec, 'batch' | 'shardSize' | 'steps' | 'optimizer' | 'keepProb'>;

/**
 * The default: the tutorial's batch, momentum, a short warm-up and half a cosine to 0 over 300,000
 * samples. Weights of deviation 0.1 make the large layer's curvature uneven: plain SGD fast
 * enough for it (0.2 and more) nearly diverges, momentum at a small rate does not.
 */
export const defaultRecipe: Recipe = {
  batch: 50,
  shardSize: 25,
  steps: 6000,
  optimizer: {
    kind: 'sgd',
    learningRate: 0.03,
    momentum: 0.9,
    schedule: { kind: 'cosine', warmupSteps: 30, finalFactor: 0 },
  },
  keepProb: 0.5,
};

/**
 * The settings that TensorFlow's tutorial prints. They do not learn: with the sum of the losses, as printed, it
 * diverges, and with their mean over stable logits, as here, the rate is still too large for
 * weights of deviation 0.1.
 */
export const tutorialRecipe: Recipe = {
  batch: 50,
  shardSize: 25,
  steps: 20_000,
  optimizer: { kind: 'sgd', learningRate: 0.5, momentum: 0, schedule: { kind: 'constant' } },
  keepProb: 0.5,
};
