import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { LockstepError } from '@lockstep/core';
import { z } from 'zod';
import { diskError, errorCodeOf, replaceFile, type Disk } from './disk.js';
import { parseJson } from './parse-json.js';

const recordSchema = z.object({
  term: z.int().positive(),
  host: z.string(),
  pid: z.int(),
  /** Milliseconds since the epoch, renewed while the writer lives; 0 once it has released. */
  at: z.number(),
});

/** Who writes a run. */
type LockRecord = z.infer<typeof recordSchema>;

/** The process that takes a lock, and how it tells whether another of its host lives. */
export interface LockTaker {
  readonly host: string;
  readonly pid: number;
  isAlive(pid: number): boolean;
}

const thisProcess: LockTaker = { host: hostname(), pid: process.pid, isAlive: processLives };

/** The right to write a run, for one term. */
export interface RunLock {
  readonly term: number;
  /** Says that the writer lives; resolves to false once a later term has taken over. */
  renew(): Promise<boolean>;
  /**
   * Gives the run up; the term stays on record. Never throws: a record that cannot be written, since
   * the disk is full, ends like that of a writer that died.
   */
  release(): Promise<void>;
}

const FOLDER = 'terms';
/** Up to 15 digits, so that every term is a whole number with a successor. */
const TERM_FILE = /^([1-9]\d{0,14})\.json$/;
const SILENT_FOR_MS = 10_000;

/**
 * Takes over the writing of a run: one writer at a time, each with a term of its own. A writer on
 * this host that is dead is succeeded at once, any other after ten seconds of silence. Every
 * term has a file of its own, created exclusively and touched by its writer alone, so that a
 * forgotten writer that wakes up cannot undo a later one.
 *
 * @throws LockstepError `run-locked` while another coordinator writes the run, `disk-full`
 */
export async function takeRunLock(
  disk: Disk,
  now: () => number,
  taker: LockTaker = thisProcess,
): Promise<RunLock> {
  await disk.makeFolder(FOLDER);
  const last = await lastTerm(disk);
  const holder = await readRecord(disk, last);
  if (holder && holds(holder, now(), taker)) throw locked(holder);
  const term = last + 1;
  const record = (at: number): Buffer => {
    const mine: LockRecord = { term, host: taker.host, pid: taker.pid, at };
    return Buffer.from(JSON.stringify(mine));
  };
  await begin(disk, term, record(now()));
  const write = (at: number): Promise<void> =>
    replaceFile(disk, FOLDER, fileName(term), [record(at)]);
  // A process that was stopped and goes on may owe several renewals at once: they share one file.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const done = turn.then(work, work);
    turn = done;
    return done;
  };
  return {
    term,
    renew: () =>
      inTurn(async () => {
        if ((await lastTerm(disk)) !== term) return false;
        await write(now());
        return true;
      }),
    release: () => inTurn(() => write(0)).catch(() => undefined),
  };
}

/** Whether a coordinator leads the run, as far as can be told without taking it over. */
export async function isBeingWritten(
  disk: Disk,
  now: number,
  taker: LockTaker = thisProcess,
): Promise<boolean> {
  const holder = await readRecord(disk, await lastTerm(disk));
  return holder !== undefined && holds(holder, now, taker);
}

/** From here on the term is taken, and stays so whatever crashes: no two writers share one. */
async function begin(disk: Disk, term: number, record: Uint8Array): Promise<void> {
  const path = `${FOLDER}/${fileName(term)}`;
  await disk.create(path, record).catch((cause: unknown) => {
    if (errorCodeOf(cause) !== 'EEXIST') throw diskError(cause, path);
    throw new LockstepError('run-locked', `another coordinator has just begun term ${term}`, {
      remedy: 'let that one go on, or stop it first',
      cause,
    });
  });
  await disk.sync(path);
  await disk.syncFolder(FOLDER);
}

function locked({ pid, host, term }: LockRecord): LockstepError {
  return new LockstepError(
    'run-locked',
    `process ${pid} on ${host} writes this run (term ${term})`,
    { remedy: 'stop that coordinator first, or wait ten seconds if it is gone' },
  );
}

function holds({ host, pid, at }: LockRecord, now: number, taker: LockTaker): boolean {
  if (at === 0) return false;
  // In a container every life of the coordinator has the same host name and process id.
  if (host === taker.host && (pid === taker.pid || !taker.isAlive(pid))) return false;
  return now - at < SILENT_FOR_MS;
}

async function lastTerm(disk: Disk): Promise<number> {
  const terms = (await disk.list(FOLDER)).flatMap((name) => TERM_FILE.exec(name)?.[1] ?? []);
  return Math.max(0, ...terms.map(Number));
}

/** A record torn by a crash holds nothing. */
async function readRecord(disk: Disk, term: number): Promise<LockRecord | undefined> {
  const bytes = await disk.read(`${FOLDER}/${fileName(term)}`);
  return bytes && parseJson(recordSchema, bytes);
}

function fileName(term: number): string {
  return `${term}.json`;
}

/** Whether a process of this host is still at work: one that ended but was never waited for is not. */
export function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCodeOf(error) === 'EPERM';
  }
  return !isZombie(pid);
}

/** A container's first process often does not wait for its children, so zombies stay on the list. */
function isZombie(pid: number): boolean {
  try {
    // The state follows the command's name, which is in parentheses and may hold some itself.
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
