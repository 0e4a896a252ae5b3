import { type Evaluation, LockstepError, type Measured } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { queueOfTerm } from '@lockstep/queue';
import type { CoordinatorOptions } from '../coordinator-options.js';
import {
  BoundedEventLog,
  type Checkpoint,
  type LedFolder,
  type Ledger,
  type LedgerEntry,
  listCheckpoints,
  loadCheckpoint,
  loadLastCheckpoint,
  EventLog,
  openLedger,
  type RunFolder,
  type RunLock,
  readInitialWeights,
  takeUpEvaluations,
  tidyRunFolder,
} from '@lockstep/store';
import { measuredUpTo } from './measured-versions.js';
import { beginRun, planRun, reopenRun } from './prepare-run.js';

/** A run that this coordinator has locked, at the version from which it continues. */
export interface OpenedRun {
  readonly folder: LedFolder;
  readonly lock: RunLock;
  /** Name of the queue of this term's shards. */
  readonly queueName: string;
  readonly ledger: Ledger;
  readonly log: BoundedEventLog;
  /** Ledger entries beyond that version, by step: recomputed steps must have the same hashes. */
  readonly recorded: ReadonlyMap<number, LedgerEntry>;
  /** The last step applied to the engine's weights. */
  readonly version: number;
  /** How many of the steps up to that version changed nothing. */
  readonly skippedSteps: number;
  /** Earlier evaluations, newest last. */
  readonly evaluations: readonly Evaluation[];
  /** What the evaluations of that version and of those before it measured, as far as they are recorded. */
  readonly measured: readonly Measured[];
  /** Descriptions of damaged checkpoints that were skipped. */
  readonly damaged: readonly string[];
  readonly resumed: boolean;
}

/**
 * The folder of a new run or of the one to resume. Everything in the request that may be wrong is
 * checked before a file is written.
 *
 * @param engine may still be loading TensorFlow: the data are read meanwhile
 */
export async function openFolder(
  { run, out }: CoordinatorOptions,
  engine: Promise<Engine>,
): Promise<RunFolder> {
  if ('resume' in run) return reopenRun(out, run.resume, run.changes);
  return beginRun(out, run.request, await planRun(engine, run.request, out));
}

/**
 * Brings the engine, which must be prepared for the run, to the version from which the run continues:
 * the last valid checkpoint that the ledger covers, else the initial weights; or the user's choice.
 *
 * @param given.from the version that the user chose; 0 for the initial weights
 * @throws LockstepError `checkpoint-not-found`, or `run-damaged` when the one chosen or the ledger is
 */
export async function takeUp(given: {
  readonly folder: LedFolder;
  readonly lock: RunLock;
  readonly engine: Engine;
  readonly from: number | undefined;
  readonly now: () => number;
}): Promise<Omit<OpenedRun, 'resumed'>> {
  const { folder, lock, engine, from, now } = given;
  const { disk, record } = folder;
  const { spec, runId } = record;
  await tidyRunFolder(disk);
  const { ledger, entries } = await openLedger(disk, runId);
  const { checkpoint, damaged } =
    from === undefined
      ? await loadLastCheckpoint(disk, spec, entries.length)
      : await chosenCheckpoint(folder, from, entries.length);
  if (checkpoint) {
    const { version, state } = checkpoint;
    await engine.run('load', { version, state });
  } else {
    await engine.run('initialise', await readInitialWeights(disk, spec));
  }
  const version = checkpoint?.version ?? 0;
  const recorded = new Map(entries.slice(version).map((entry) => [entry.step, entry]));
  const skippedSteps = entries.slice(0, version).filter(({ skipped }) => skipped).length;
  const evaluations = await takeUpEvaluations(disk, spec, version);
  const measured = measuredUpTo(spec, version, entries, evaluations);
  const log = await BoundedEventLog.open(disk, () => new EventLog(disk, now, lock.term));
  const queueName = queueOfTerm(runId, lock.id);
  const known = { recorded, version, skippedSteps, evaluations, measured, damaged };
  return { folder, lock, queueName, ledger, log, ...known };
}

/** @param recorded how many steps the ledger has */
async function chosenCheckpoint(
  { disk, record }: RunFolder,
  version: number,
  recorded: number,
): Promise<{ checkpoint?: Checkpoint; damaged: readonly string[] }> {
  if (version === 0) return { damaged: [] };
  const kept = await listCheckpoints(disk);
  if (kept.includes(version) && version <= recorded) {
    return { checkpoint: await loadCheckpoint(disk, version, record.spec), damaged: [] };
  }
  const usable = [0, ...kept.filter((each) => each <= recorded)].join(', ');
  throw new LockstepError(
    'checkpoint-not-found',
    `run ${record.runId} has no checkpoint of version ${version}`,
    { remedy: `choose one of ${usable}` },
  );
}
