import { specHash } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { CoordinatorOptions } from './coordinator-options.js';
import { openEventLog, type EventLog } from './event-log.js';
import { beginRun, reopenRun, specFrom } from './prepare-run.js';
import { loadLastCheckpoint } from './store/checkpoints.js';
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
 * Begins a new run or takes up an old one, and brings the engine to the version to go on from: the
 * last good checkpoint that the ledger covers, else the initial weights. Everything that can be
 * wrong with the request is found before a file is written.
 */
export async function openRun(options: CoordinatorOptions, engine: Engine): Promise<OpenedRun> {
  const { run, out } = options;
  const resumed = 'resume' in run;
  const folder = resumed ? await reopenRun(out, run.resume) : await begin(out, run.request, engine);
  const { spec, model, runId } = folder.record;
  const lock = await takeRunLock(folder.disk, Date.now);
  await engine.run('prepare', { spec, model });
  const { ledger, entries } = await openLedger(folder.disk, runId);
  const { checkpoint, damaged } = await loadLastCheckpoint(
    folder.disk,
    specHash(spec),
    entries.length,
  );
  if (checkpoint) {
    const { version, state } = checkpoint;
    await engine.run('load', { version, state });
  } else {
    await engine.run('initialise', undefined);
  }
  const version = checkpoint?.version ?? 0;
  const recorded = new Map(entries.slice(version).map((entry) => [entry.step, entry]));
  const log = openEventLog(folder.disk, Date.now);
  return { folder, lock, ledger, log, recorded, version, damaged, resumed };
}

async function begin(
  out: string,
  request: Parameters<typeof specFrom>[1],
  engine: Engine,
): Promise<RunFolder> {
  const spec = await specFrom(engine, request);
  return beginRun(out, request, spec);
}
