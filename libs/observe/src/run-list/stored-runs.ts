import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError, systemClock } from '@lockstep/core';
import { LockWatch, openRunFolder } from '@lockstep/store';
import { eventsPath, readHistory, type RunHistory } from '../history/run-history.js';
import { readOutline, StoredRun, type RunOutline } from './stored-run.js';

const MOST_LISTED = 200;
/** A run's curves may have a hundred thousand points. */
const MOST_HISTORIES = 4;

/** The runs of a folder; what was read of one is kept until its events change. */
export class StoredRuns {
  readonly #out: string;
  readonly #outlines = new Map<string, Stamped<RunOutline>>();
  readonly #histories = new Map<string, Stamped<RunHistory>>();
  readonly #watches = new Map<string, LockWatch>();

  /** @param out the folder of the runs */
  constructor(out: string) {
    this.#out = out;
  }

  /**
   * @returns the newest runs, newest first, without those that cannot be read; and how many older
   *   ones are left out
   */
  async list(): Promise<{ readonly runs: readonly StoredRun[]; readonly more: number }> {
    const names = await runNames(this.#out);
    const runs: StoredRun[] = [];
    // One after the other: the coordinator has more urgent work.
    for (const name of names.slice(0, MOST_LISTED)) {
      const run = await this.#open(name).catch(() => undefined);
      if (run) runs.push(run);
    }
    return { runs, more: Math.max(0, names.length - MOST_LISTED) };
  }

  /** The history of a run. @throws LockstepError `run-not-found` */
  async history(runId: string): Promise<RunHistory> {
    if (!(await runNames(this.#out)).includes(runId)) throw notFound(this.#out, runId);
    const path = join(this.#out, runId);
    const history = await unlessUnchanged(this.#histories, path, () => readHistory(path));
    const [oldest] = this.#histories.keys();
    if (this.#histories.size > MOST_HISTORIES && oldest !== undefined) {
      this.#histories.delete(oldest);
    }
    return history;
  }

  async #open(name: string): Promise<StoredRun> {
    const folder = await openRunFolder(this.#out, name);
    const { path } = folder;
    const outline = await unlessUnchanged(this.#outlines, path, () => readOutline(path));
    const watch = this.#watches.get(path) ?? new LockWatch(systemClock);
    this.#watches.set(path, watch);
    return StoredRun.open(folder, outline, watch);
  }
}

/** Newest first: names begin with the time at which a run was begun. */
async function runNames(out: string): Promise<readonly string[]> {
  const entries = await readdir(out, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .reverse();
}

interface Stamped<Value> {
  readonly stamp: string;
  readonly value: Value;
}

/** What was made of a run's events, made again once they have changed. */
async function unlessUnchanged<Value>(
  known: Map<string, Stamped<Value>>,
  folder: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const stamp = await stat(eventsPath(folder)).then(
    ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
    () => '',
  );
  const before = known.get(folder);
  if (before?.stamp === stamp) return before.value;
  const value = await make();
  known.set(folder, { stamp, value });
  return value;
}

function notFound(out: string, runId: string): LockstepError {
  return new LockstepError('run-not-found', `there is no run ${runId} in ${out}`, {
    remedy: 'choose one that /api/runs lists',
  });
}
