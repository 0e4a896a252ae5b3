import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RunChanges, RunFolder } from '@lockstep/coordinator';
import {
  boundedSchedule,
  canonicalJson,
  defaultRecipe,
  localPath,
  LockstepError,
  totalSteps,
  tutorialRecipe,
  type Recipe,
  type RunSpec,
  type SettingValue,
} from '@lockstep/core';
import type { OptionEntry } from './option-entry.js';

/** What a value that was given for a run to resume comes to. */
export type Verdict =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'changes'; readonly changes: RunChanges }
  /** `why` follows the option's name and value in the message. */
  | { readonly kind: 'contradicts'; readonly why: string; readonly remedy: string };

/** What an option of a run does with `--resume`, where a run has its own value already. */
export type OnResume =
  /** Part of the spec: another value than the run's own is refused. */
  | {
      readonly kind: 'fixed';
      own(spec: RunSpec): SettingValue | undefined;
      /** Equality with the run's own value, unless given. */
      agrees?(given: unknown, spec: RunSpec): boolean;
    }
  /** Changes the run's record, if it can. */
  | { readonly kind: 'takes-effect'; judge(given: unknown, run: RunFolder): Promise<Verdict> };

/** An option that a new run takes; it must say what it does with one that is resumed. */
export interface RunOptionEntry extends OptionEntry {
  readonly onResume: OnResume;
}

const agrees: Verdict = { kind: 'agrees' };

export function fixed(
  own: (spec: RunSpec) => SettingValue | undefined,
): OnResume & { kind: 'fixed' } {
  return { kind: 'fixed', own };
}

/** A shard is at most as large as the batch, also where a larger one was asked for. */
export const fixedShardSize: OnResume = {
  ...fixed(({ shardSize }) => shardSize),
  agrees: (given, { batch, shardSize }) => Math.min(batch, Number(given)) === shardSize,
};

/** @param given the option's value, as its schema gives it */
export async function judge(
  { flag, onResume }: RunOptionEntry,
  given: unknown,
  run: RunFolder,
): Promise<Verdict> {
  if (onResume.kind === 'takes-effect') return onResume.judge(given, run);
  const { spec, runId } = run.record;
  const own = onResume.own(spec);
  if (onResume.agrees?.(given, spec) ?? given === own) return agrees;
  return {
    kind: 'contradicts',
    why:
      own === undefined
        ? `run ${runId} was begun without it`
        : `run ${runId} was begun with ${String(own)}, which cannot change`,
    remedy: `leave --${flag} out, or start a new run`,
  };
}

/** A recipe's schedule is all of it that no other option sets. */
export function recipeOf({ optimizer, steps }: RunSpec): string {
  const own = canonicalJson(optimizer.schedule);
  const gives = ({ optimizer: { schedule } }: Recipe): boolean =>
    [schedule, boundedSchedule(schedule, steps)].map(canonicalJson).includes(own);
  if (gives(defaultRecipe)) return 'default';
  return gives(tutorialRecipe) ? 'tutorial' : 'another';
}

export async function judgeSteps(given: unknown, { disk, record }: RunFolder): Promise<Verdict> {
  const steps = Number(given);
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

export async function judgeData(given: unknown, { record }: RunFolder): Promise<Verdict> {
  const data = String(given);
  const { runId, spec } = record;
  if (data === record.data) return agrees;
  const other = (why: string): Verdict => ({
    kind: 'contradicts',
    why: `${why}; run ${runId} trains on ${spec.data.name} from ${record.data}`,
    remedy: 'give --data the place where its data are now, or start a new run',
  });
  try {
    const { loadDataSet } = await import('@lockstep/data');
    const { sha256 } = await loadDataSet(data);
    return sha256 === spec.data.sha256
      ? { kind: 'changes', changes: { data } }
      : other('it holds other data');
  } catch (error) {
    return other(LockstepError.from(error).message);
  }
}

export async function judgeModel(given: unknown, { record }: RunFolder): Promise<Verdict> {
  const model = String(given);
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
