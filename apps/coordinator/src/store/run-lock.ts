import { hostname } from 'node:os';
import { LockstepError } from '@lockstep/core';
import { replaceFile, type Disk } from './disk.js';

/** Who writes a run. */
interface LockRecord {
  readonly term: number;
  readonly host: string;
  readonly pid: number;
  /** Milliseconds since the epoch, renewed while the writer lives. */
  readonly at: number;
}

/** The right to write a run, for one term. */
export interface RunLock {
  readonly term: number;
  /** Says that the writer lives; resolves to false once a later term has taken over. */
  renew(): Promise<boolean>;
  /** Gives the run up; the term stays on record. */
  release(): Promise<void>;
}

const FOLDER = 'terms';
const SILENT_FOR_MS = 10_000;

/**
 * Takes over the writing of a run: one writer at a time, each with a term of its own. A writer on
 * this host that is dead is succeeded at once, one elsewhere after ten seconds of silence. Every
 * term has a file of its own, created exclusively and touched by its writer alone, so that a
 * forgotten writer that wakes up cannot undo a later one.
 *
 * @param isAlive whether a process of this host lives
 * @throws LockstepError `run-locked` while another coordinator writes the run
 */
export async function takeRunLock(
  disk: Disk,
  now: () => number,
  isAlive: (pid: number) => boolean = processLives,
): Promise<RunLock> {
  await disk.makeFolder(FOLDER);
  const last = await lastTerm(disk);
  const holder = await readRecord(disk, last);
  if (holder && holds(holder, now(), isAlive)) throw locked(holder);
  const term = last + 1;
  const record = (at: number): Buffer => {
    const mine: LockRecord = { term, host: hostname(), pid: process.pid, at };
    return Buffer.from(JSON.stringify(mine));
  };
  await disk.create(`${FOLDER}/${fileName(term)}`, record(now())).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new LockstepError('run-locked', `another coordinator has just begun term ${term}`, {
      remedy: 'let that one go on, or stop it first',
      cause,
    });
  });
  const write = (at: number): Promise<void> =>
    replaceFile(disk, FOLDER, fileName(term), [record(at)]);
  return {
    term,
    renew: async () => {
      if ((await lastTerm(disk)) !== term) return false;
      await write(now());
      return true;
    },
    release: () => write(0),
  };
}

function locked({ pid, host, term }: LockRecord): LockstepError {
  return new LockstepError(
    'run-locked',
    `process ${pid} on ${host} writes this run (term ${term})`,
    { remedy: 'stop that coordinator first, or wait ten seconds if its machine is gone' },
  );
}

function holds(
  { host, pid, at }: LockRecord,
  now: number,
  isAlive: (pid: number) => boolean,
): boolean {
  if (at === 0) return false;
  // In a container every life of the coordinator has the same host name and process id.
  if (host === hostname()) return pid !== process.pid && isAlive(pid);
  return now - at < SILENT_FOR_MS;
}

async function lastTerm(disk: Disk): Promise<number> {
  const terms = (await disk.list(FOLDER)).flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []);
  return Math.max(0, ...terms.map(Number));
}

/** A record torn by a crash holds nothing. */
async function readRecord(disk: Disk, term: number): Promise<LockRecord | undefined> {
  const bytes = await disk.read(`${FOLDER}/${fileName(term)}`);
  try {
    return bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as LockRecord);
  } catch {
    return undefined;
  }
}

function fileName(term: number): string {
  return `${term}.json`;
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
