import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RunChanges, RunFolder } from '@lockstep/coordinator';
import {
  augmentationText,
  bySetting,
  canonicalJson,
  defaultRecipe,
  flagOf,
  localPath,
  LockstepError,
  stepsOfEpochs,
  totalSteps,
  tutorialRecipe,
  type Recipe,
  type RunSpec,
  settingsOf,
  settingValueSchema,
  type SettingValue,
} from '@lockstep/core';
import { parseAugmentations } from '@lockstep/data/augmentations';
import { dataReaders, type ReaderSettings } from '@lockstep/data/readers';
import { losses, type LossSettings } from '@lockstep/model/objective';
import {
  optimizers,
  optimizerSettings,
  optimizerSpec,
  type OptimizerSettings,
} from '@lockstep/optim';
import { z } from 'zod';
import type { Values } from './option.js';
import { runOptions } from './run-options.js';

/** What an option's value means for the run that is resumed. */
export type Verdict =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'changes'; readonly changes: RunChanges }
  /** `why` follows the option's name and value in the message. */
  | { readonly kind: 'contradicts'; readonly why: string; readonly remedy: string };

type RunValues = Values<typeof runOptions>;
type RunOption = keyof typeof runOptions;
type Given<Name extends RunOption> = NonNullable<RunValues[Name]>;

/** What an option of a run does with `--resume`, where the run already has a value of its own. */
export interface OnResume<Name extends RunOption> {
  /** `fixed`: part of the spec, so another value is refused; `takes-effect`: changes the record. */
  readonly kind: 'fixed' | 'takes-effect';
  judge(given: Given<Name>, run: RunFolder): Promise<Verdict>;
}

type Rules<Settings> = { readonly [Name in keyof Settings & RunOption]-?: OnResume<Name> };

const agrees: Verdict = { kind: 'agrees' };

/** Every option of a run states what it does with `--resume`. */
export const onResume: { readonly [Name in RunOption]: OnResume<Name> } = {
  steps: { kind: 'takes-effect', judge: judgeSteps },
  epochs: { kind: 'takes-effect', judge: judgeEpochs },
  batch: fixed('batch', ({ batch }) => batch),
  shardSize: fixed(
    'shardSize',
    ({ shardSize }) => shardSize,
    // A shard is at most as large as the batch, also where a larger one was given.
    (given, { batch, shardSize }) => Math.min(batch, given) === shardSize,
  ),
  optimizer: fixed('optimizer', ({ optimizer }) => optimizer.kind),
  schedule: fixed('schedule', ({ optimizer }) => optimizer.schedule.kind),
  ...bySetting<OptimizerSettings, Rules<OptimizerSettings>>(optimizerSettings, ({ key }) =>
    fixed(key, (spec) => ownSettings(spec)[key]),
  ),
  clipNorm: fixed('clipNorm', ({ clipNorm }) => clipNorm),
  ema: fixed('ema', ({ ema }) => ema),
  loss: fixed('loss', ({ model }) => model.loss.kind),
  ...bySetting<LossSettings, Rules<LossSettings>>(losses.settings, ({ key }) =>
    fixedValue(key, (spec) => lossSettings(spec)[key]),
  ),
  onNonfinite: fixed('onNonfinite', ({ onNonfinite = 'stop' }) => onNonfinite),
  earlyStopping: fixed('earlyStopping', ({ selection }) => selection?.earlyStopping),
  keepBest: fixed('keepBest', ({ selection }) => selection?.keepBest === true),
  keepProb: fixed('keepProb', ({ keepProb }) => keepProb),
  recipe: { kind: 'fixed', judge: judgeRecipe },
  seed: fixed('seed', ({ seed }) => seed),
  data: { kind: 'takes-effect', judge: judgeData },
  ...bySetting<ReaderSettings, Rules<ReaderSettings>>(dataReaders.settings, ({ key }) =>
    fixedValue(key, (spec) => readerSettings(spec)[key]),
  ),
  augment: { kind: 'fixed', judge: judgeAugment },
  model: { kind: 'takes-effect', judge: judgeModel },
  initFrom: { kind: 'fixed', judge: judgeInitFrom },
  threads: fixed('threads', ({ threads }) => threads),
  numerics: fixed('numerics', ({ numerics }) => numerics),
  device: fixed('device', ({ device }) => device),
  wire: fixed('wire', ({ wire }) => wire),
};

/** Names of the options that a new run takes. */
export const runOptionNames = z.object(runOptions).keyof().options;

/**
 * What the value of one option means for the run that is resumed.
 *
 * @param given as its schema gives it; undefined where there is none
 */
export async function judge<Name extends RunOption>(
  name: Name,
  given: RunValues[Name],
  run: RunFolder,
): Promise<Verdict> {
  return given === undefined ? agrees : onResume[name].judge(given, run);
}

type OwnValue = SettingValue | readonly number[] | undefined;

/** An option of the spec. @param isOwn equality with the run's own value, unless given */
function fixed<Name extends RunOption>(
  name: Name,
  own: (spec: RunSpec) => OwnValue,
  isOwn = (given: Given<Name>, spec: RunSpec): boolean => given === own(spec),
): OnResume<Name> {
  return {
    kind: 'fixed',
    judge: (given, { record: { spec, runId } }) =>
      Promise.resolve(
        isOwn(given, spec)
          ? agrees
          : {
              kind: 'contradicts',
              why: `run ${runId} was begun ${begunWith(own(spec))}`,
              remedy: `omit --${flagOf(name)}, or start a new run`,
            },
      ),
  };
}

/** An option of the spec whose value may be a list. */
function fixedValue<Name extends RunOption>(
  name: Name,
  own: (spec: RunSpec) => OwnValue,
): OnResume<Name> {
  return fixed(
    name,
    own,
    (given, spec) => canonicalJson(given) === canonicalJson(own(spec) ?? null),
  );
}

/** The given weights lie in the run's folder: what was given is not read again. */
function judgeInitFrom(given: Given<'initFrom'>, { record }: RunFolder): Promise<Verdict> {
  const { initial, runId } = record;
  if (initial?.from === given) return Promise.resolve(agrees);
  return Promise.resolve({
    kind: 'contradicts',
    why: `run ${runId} was begun ${begunWith(initial?.from)}`,
    remedy: 'omit --init-from, or start a new run',
  });
}

function judgeAugment(given: Given<'augment'>, { record }: RunFolder): Promise<Verdict> {
  const { spec, runId } = record;
  const own = augmentationText(spec.augment ?? []);
  if (augmentationText(parseAugmentations(given)) === own) return Promise.resolve(agrees);
  return Promise.resolve({
    kind: 'contradicts',
    why: `run ${runId} was begun ${begunWith(own === '' ? undefined : own)}`,
    remedy: 'omit --augment, or start a new run',
  });
}

function begunWith(own: OwnValue): string {
  return own === undefined ? 'without it' : `with ${String(own)}, which cannot change`;
}

const settingValues = z.record(z.string(), settingValueSchema);

/** The settings of the run's optimizer and of its schedule; a spec without a warm-up has 0 steps of it. */
function ownSettings({ optimizer }: RunSpec): Readonly<Record<string, SettingValue>> {
  const { settings } = optimizers.read(optimizer);
  return { warmupSteps: 0, ...settingsOf(optimizer.schedule), ...settingValues.parse(settings) };
}

const listedValues = z.record(z.string(), z.union([settingValueSchema, z.array(z.number())]));

/** The settings of the run's loss; none of a loss of the model file's own. */
function lossSettings({ model: { loss } }: RunSpec): Readonly<z.infer<typeof listedValues>> {
  return loss.kind === 'custom' ? {} : listedValues.parse(losses.read(loss).settings);
}

/** The settings of the reader of the run's data; none where their path alone says how to read. */
function readerSettings({ data: { reader } }: RunSpec): Readonly<z.infer<typeof listedValues>> {
  return reader ? listedValues.parse(dataReaders.read(reader).settings) : {};
}

/** A spec does not name its recipe; the schedules of the recipes tell them apart. */
function judgeRecipe(given: Given<'recipe'>, { record }: RunFolder): Promise<Verdict> {
  const { spec, runId } = record;
  const own = canonicalJson(spec.optimizer.schedule);
  const has = ({ optimizer }: Recipe): boolean => {
    const begun = optimizerSpec({ given: {}, steps: spec.steps }, optimizer);
    return [optimizer.schedule, begun.schedule].map(canonicalJson).includes(own);
  };
  const found = has(defaultRecipe) ? 'default' : has(tutorialRecipe) ? 'tutorial' : undefined;
  if (found === given) return Promise.resolve(agrees);
  const why =
    found === undefined
      ? `run ${runId} has a schedule of its own, which a recipe cannot change`
      : `run ${runId} was begun with ${found}, which cannot change`;
  return Promise.resolve({
    ...{ kind: 'contradicts', why, remedy: 'omit --recipe, or start a new run' },
  });
}

async function judgeSteps(steps: number, { disk, record }: RunFolder): Promise<Verdict> {
  const { runId, spec } = record;
  if (steps === totalSteps(spec)) return agrees;
  const { readLedger } = await import('@lockstep/coordinator');
  const committed = (await readLedger(disk, runId)).entries.length;
  if (steps > committed) return { kind: 'changes', changes: { steps } };
  return {
    kind: 'contradicts',
    why: `run ${runId} has made ${committed} of its ${totalSteps(spec)} steps`,
    remedy: `give --steps a number above ${committed}, or start a new run`,
  };
}

function judgeEpochs(epochs: number, run: RunFolder): Promise<Verdict> {
  const { data, batch } = run.record.spec;
  return judgeSteps(stepsOfEpochs(epochs, data.trainCount, batch), run);
}

async function judgeData(data: string, { record }: RunFolder): Promise<Verdict> {
  const { runId, spec } = record;
  if (data === record.data) return agrees;
  const other = (why: string): Verdict => ({
    kind: 'contradicts',
    why: `${why}; run ${runId} trains on ${spec.data.name} from ${record.data}`,
    remedy: 'give --data the present location of its data, or start a new run',
  });
  try {
    const { loadRunData } = await import('@lockstep/data');
    const { sha256 } = await loadRunData(data, spec.data);
    return sha256 === spec.data.sha256
      ? { kind: 'changes', changes: { data } }
      : other('it holds other data');
  } catch (error) {
    return other(LockstepError.from(error).message);
  }
}

async function judgeModel(model: string, { record }: RunFolder): Promise<Verdict> {
  const { runId, spec } = record;
  if (model === record.model) return agrees;
  const other = (why: string): Verdict => ({
    kind: 'contradicts',
    why: `${why}; run ${runId} trains ${spec.model.name} from ${record.model}`,
    remedy: 'give --model the file that the run was begun with, or start a new run',
  });
  if (spec.model.sourceSha256 === undefined) return other('it is another model');
  const source = await readFile(localPath(model)).catch(() => undefined);
  if (!source) return other('there is no such file');
  const sha256 = createHash('sha256').update(source).digest('hex');
  return sha256 === spec.model.sourceSha256
    ? { kind: 'changes', changes: { model } }
    : other('it is another model');
}
