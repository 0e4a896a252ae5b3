import { specHash } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { CoordinatorOptions } from './coordinator-options.js';
import { openEventLog, type EventLog } from './event-log.js';
import { beginRun, reopenRun, specFrom } from './prepare-run.js';
import { loadLastCheckpoint, tidyCheckpoints } from './store/checkpoints.js';
import { openLedger, type Ledger, type LedgerEntry } from './store/ledger.js';
import type { RunFolder } from './store/run-folder.js';
import { takeRunLock, type RunLock } from './store/run-lock.js';

/** A run in this coordinator's hands, at the version it goes on from. */
export interface OpenedRun {
  readonly folder: RunFolder;
  readonly lock: RunLock;
  readonly ledger: Ledger;
  readonly log: EventLog;
  /** Hashes that steps to be computed again must come out with. */
  readonly recorded: ReadonlyMap<number, LedgerEntry>;
  /** The last step applied to the engine's weights. */
  readonly version: number;
  /** Damage found and passed over. */
  readonly damaged: readonly string[];
  readonly resumed: boolean;
}

/**
 * Begins a new run or takes up an old one. Everything that can be wrong with the request is found
 * before a file is written.
 */
export async function openRun(
  options: CoordinatorOptions,
  engine: Promise<Engine>,
): Promise<OpenedRun> {
  const { run, out } = options;
  const resumed = 'resume' in run;
  const folder = resumed ? await reopenRun(out, run.resume) : await begin(out, run.request, engine);
  const lock = await takeRunLock(folder.disk, Date.now);
  return { ...(await takeUp(folder, lock, await engine, Date.now)), resumed };
}

/**
 * Brings the engine to the version to go on from: the last good checkpoint that the ledger covers,
 * else the initial weights.
 */
export async function takeUp(
  folder: RunFolder,
  lock: RunLock,
  engine: Engine,
  now: () => number,
): Promise<Omit<OpenedRun, 'resumed'>> {
  const { disk, record } = folder;
  const { spec, model, runId } = record;
  await engine.run('prepare', { spec, model });
  await tidyCheckpoints(disk);
  const { ledger, entries } = await openLedger(disk, runId);
  const { checkpoint, damaged } = await loadLastCheckpoint(disk, specHash(spec), entries.length);
  if (checkpoint) {
    const { version, state } = checkpoint;
    await engine.run('load', { version, state });
  } else {
    await engine.run('initialise', undefined);
  }
  const version = checkpoint?.version ?? 0;
  const recorded = new Map(entries.slice(version).map((entry) => [entry.step, entry]));
  return { folder, lock, ledger, log: openEventLog(disk, now), recorded, version, damaged };
}

async function begin(
  out: string,
  request: Parameters<typeof specFrom>[1],
  engine: Promise<Engine>,
): Promise<RunFolder> {
  const spec = await specFrom(engine, request);
  return beginRun(out, request, spec);
}
