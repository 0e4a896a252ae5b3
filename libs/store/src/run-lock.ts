import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { LockstepError, type Clock } from '@lockstep/core';
import { diskError, errorCodeOf, type Disk } from './disk.js';
import { processLives } from './process-lives.js';
import {
  encodeTerm,
  lastTerm,
  readLastTerm,
  replaceTerm,
  termPath,
  TERMS,
  type LastTerm,
  type TermRecord,
} from './term-files.js';

/** The process that takes a lock, and how it determines whether another of its host lives. */
export interface LockTaker {
  readonly host: string;
  readonly pid: number;
  isAlive(pid: number): boolean;
}

export const thisProcess: LockTaker = { host: hostname(), pid: process.pid, isAlive: processLives };

type LockClock = Pick<Clock, 'now' | 'monotonicNow' | 'sleep'>;

/** A writer whose record has not changed for this long is taken to be gone. */
export const LEASE_MS = 10_000;
/** How often a holder renews. */
export const RENEWAL_MS = 2_000;
const POLL_MS = 250;

/**
 * Takes over the writing of a run: one writer at a time, each with a term of its own.
 *
 * A writer on this host that is dead is succeeded at once. Any other one is succeeded once its record
 * has not changed for ten seconds, measured by this process's monotonic clock: clocks of two hosts are
 * never compared. Every term has a file of its own, created exclusively and touched by its writer
 * alone, so that a superseded writer cannot undo a later term.
 *
 * @param signal ends the wait, which then throws its reason
 * @throws LockstepError `run-locked` while another coordinator writes the run, `disk-full`
 */
export async function takeRunLock(
  disk: Disk,
  clock: LockClock,
  taker: LockTaker = thisProcess,
  signal?: AbortSignal,
): Promise<RunLock> {
  await disk.makeFolder(TERMS);
  const last = await untilVacant(disk, clock, taker, signal);
  const folder = await disk.identity(TERMS);
  const term = last.term + 1;
  const record: TermRecord = {
    ...{ term, host: taker.host, pid: taker.pid, at: clock.now(), renewals: 0 },
    ...{ id: `${term}-${randomBytes(6).toString('hex')}`, folder },
  };
  const began = clock.monotonicNow();
  await begin(disk, record);
  const isOfThisFolder = last.record?.folder === folder;
  return new RunLock(disk, clock, record, began, isOfThisFolder ? last.record?.id : undefined);
}

/** The right to write a run, for one term. */
export class RunLock {
  readonly term: number;
  /** Distinguishes the term from every other one, also from those in copies of the run's folder. */
  readonly id: string;
  /** The id of the term before, if it was one of this folder and not of the folder it was copied from. */
  readonly previousId: string | undefined;
  readonly #disk: Disk;
  readonly #clock: Pick<Clock, 'now' | 'monotonicNow'>;
  #record: TermRecord;
  /** When the last renewal that succeeded began, by the monotonic clock. */
  #renewedAt: number;
  /** A process that was suspended may owe several renewals at once: they share one file. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    disk: Disk,
    clock: Pick<Clock, 'now' | 'monotonicNow'>,
    record: TermRecord,
    began: number,
    previousId: string | undefined,
  ) {
    this.#disk = disk;
    this.#clock = clock;
    this.#record = record;
    this.#renewedAt = began;
    this.term = record.term;
    this.id = record.id ?? String(record.term);
    this.previousId = previousId;
  }

  /** Shows that the writer lives; resolves to false once a later term has taken over. */
  renew(): Promise<boolean> {
    return this.#inTurn(async () => {
      const began = this.#clock.monotonicNow();
      if (this.#isSuperseded()) return false;
      await this.#write(this.#clock.now());
      // After the write: on a network file system this folder's names may have been cached until then.
      if ((await lastTerm(this.#disk)) !== this.term) return false;
      this.#renewedAt = began;
      return true;
    });
  }

  /**
   * Resolves if this term may write. A holder that has not renewed for a whole lease, as after a
   * suspension, renews first.
   *
   * @throws LockstepError `run-locked` once a later term has taken over
   */
  async mustHold(): Promise<void> {
    const isLate = this.#clock.monotonicNow() - this.#renewedAt >= LEASE_MS;
    if (isLate && !(await this.renew())) throw supersededTerm(this.term);
    this.mustHoldNow();
  }

  /**
   * As `mustHold`, with one synchronous look for the next term: it finds a suspension that no clock
   * of this process shows.
   */
  mustHoldNow(): void {
    if (this.#isSuperseded()) throw supersededTerm(this.term);
  }

  /**
   * Gives the run up; the term stays on record. Never throws: a record that cannot be written, since
   * the disk is full, ends like that of a writer that died.
   */
  release(): Promise<void> {
    return this.#inTurn(() => this.#write(0)).catch(() => undefined);
  }

  #isSuperseded(): boolean {
    return this.#disk.has(termPath(this.term + 1));
  }

  async #write(at: number): Promise<void> {
    const { renewals = 0 } = this.#record;
    this.#record = { ...this.#record, at, renewals: renewals + 1 };
    await replaceTerm(this.#disk, this.#record);
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(work, work);
    this.#turn = done;
    return done;
  }
}

/**
 * Whether a term's writer is known to have ended. In a container every life of the coordinator has the
 * same host name and process id.
 */
export function isVacant({ record }: LastTerm, taker: LockTaker): boolean {
  if (record === undefined || record.at === 0) return true;
  const { host, pid } = record;
  return host === taker.host && (pid === taker.pid || !taker.isAlive(pid));
}

/** Resolves to the last term once its writer is known, or observed, to have ended. */
async function untilVacant(
  disk: Disk,
  clock: LockClock,
  taker: LockTaker,
  signal: AbortSignal | undefined,
): Promise<LastTerm> {
  const first = await readLastTerm(disk);
  if (isVacant(first, taker)) return first;
  const since = clock.monotonicNow();
  for (;;) {
    await clock.sleep(POLL_MS, signal);
    signal?.throwIfAborted();
    const observedAt = clock.monotonicNow();
    const now = await readLastTerm(disk);
    if (isVacant(now, taker)) return now;
    if (hasChanged(first, now)) throw locked(now);
    if (observedAt - since >= LEASE_MS) return now;
  }
}

/** Whether a term's record is another than before: its writer lives, or there is a later one. */
export function hasChanged(before: LastTerm, now: LastTerm): boolean {
  return before.term !== now.term || Buffer.compare(before.bytes, now.bytes) !== 0;
}

/** From here on the term is taken, and stays so whatever crashes: no two writers share one. */
async function begin(disk: Disk, record: TermRecord): Promise<void> {
  const { term } = record;
  const path = termPath(term);
  await disk.create(path, encodeTerm(record)).catch((cause: unknown) => {
    if (errorCodeOf(cause) !== 'EEXIST') throw diskError(cause, path);
    throw new LockstepError('run-locked', `another coordinator has just begun term ${term}`, {
      remedy: 'let that one go on, or stop it first',
      cause,
    });
  });
  await disk.sync(path);
  await disk.syncFolder(TERMS);
}

function locked({ term, record }: LastTerm): LockstepError {
  const who = record ? `process ${record.pid} on ${record.host}` : 'another coordinator';
  return new LockstepError('run-locked', `${who} writes this run (term ${term})`, {
    remedy: 'stop that coordinator first: it renews its lock every two seconds',
  });
}

/** What a write of a term that is over ends with. */
function supersededTerm(term: number): LockstepError {
  return new LockstepError(
    'run-locked',
    `another coordinator has taken over the run: term ${term} may not write any more`,
    { remedy: 'nothing: the other coordinator continues the run' },
  );
}

/** Whether a write was refused because a later term has taken over. */
export function isSuperseded(error: unknown): boolean {
  return error instanceof LockstepError && error.code === 'run-locked';
}
