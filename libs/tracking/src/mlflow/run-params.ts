import {
  augmentationText,
  parameterCount,
  settingsOf,
  shardsPerStep,
  specHash,
  totalSteps,
  wordsOf,
  type OptimizerSpec,
  type RunSpec,
  type ScheduleSpec,
} from '@lockstep/core';

/** MLflow's longest value. */
const MOST_CHARACTERS = 500;

/** A run's spec as MLflow's parameters, at most 100. */
export function runParams(spec: RunSpec): { key: string; value: string }[] {
  const { model, data, optimizer } = spec;
  const values: Record<string, string | number> = {
    model: model.name,
    parameter_count: parameterCount(model.parameters),
    data: data.name,
    data_sha256: data.sha256,
    train_count: data.trainCount,
    test_count: data.testCount,
    batch: spec.batch,
    shard_size: spec.shardSize,
    shards_per_step: shardsPerStep(spec),
    steps: totalSteps(spec),
    optimizer: optimizer.kind,
    ...parametersOf(optimizer),
    schedule: optimizer.schedule.kind,
    ...parametersOf(optimizer.schedule),
    ...(spec.clipNorm !== undefined && { clip_norm: spec.clipNorm }),
    ...(spec.augment !== undefined && { augment: augmentationText(spec.augment) }),
    ...(spec.ema !== undefined && { ema: spec.ema }),
    ...(spec.initSha256 !== undefined && { init_sha256: spec.initSha256 }),
    ...(spec.onNonfinite !== undefined && { on_nonfinite: spec.onNonfinite }),
    ...(spec.selection && {
      eval_every: spec.selection.evalEvery,
      early_stopping: spec.selection.earlyStopping ?? 0,
      keep_best: String(spec.selection.keepBest === true),
    }),
    keep_prob: spec.keepProb,
    seed: spec.seed,
    threads: spec.threads,
    numerics: spec.numerics,
    device: spec.device,
    wire: spec.wire,
    spec_sha256: specHash(spec),
  };
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: String(value).slice(0, MOST_CHARACTERS),
  }));
}

/** The settings of an optimizer or a schedule: `learningRate` as `learning_rate`. */
function parametersOf(spec: OptimizerSpec | ScheduleSpec): Record<string, string> {
  const settings = Object.entries(settingsOf(spec));
  return Object.fromEntries(settings.map(([key, value]) => [wordsOf(key, '_'), String(value)]));
}
