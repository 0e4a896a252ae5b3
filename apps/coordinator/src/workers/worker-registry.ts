import type { Clock, Verdict } from '@lockstep/core';
import type { Departure, WorkerFigures } from '@lockstep/observe';
import type { ContributionHeader, LogLine } from '@lockstep/protocol';
import { WorkerRecord, type NewWorker, type WorkerIdentity } from './worker-record.js';

/** Most characters of a name before the number that is added to it. */
const LONGEST_NUMBERED = 190;
/** Most departed workers that are remembered, and most refused ones: these do not displace the others. */
const MOST_DEPARTED = 50;
const MOST_REFUSED = 20;

/**
 * The only record of the run's workers outside the step machine's state. The step shell adds and
 * removes them; every other part reads.
 */
export class WorkerRegistry {
  readonly #clock: Pick<Clock, 'now' | 'monotonicNow'>;
  readonly #present = new Map<string, WorkerRecord>();
  readonly #sessions = new Map<string, WorkerRecord>();
  /** Workers that have left lately, oldest first. */
  readonly #departed = new Map<string, WorkerRecord>();
  /** Workers that were refused lately, oldest first. */
  readonly #refused = new Map<string, WorkerRecord>();
  /** Who was quarantined, by id: a few bytes of each worker, for as long as this coordinator leads. */
  readonly #quarantined = new Map<string, Pick<NewWorker, 'holder' | 'keySha256'>>();
  readonly #verdicts: Partial<Record<Verdict, number>> = {};
  readonly #counted = { samples: 0 };
  readonly #waiting: (() => void)[] = [];

  constructor(clock: Pick<Clock, 'now' | 'monotonicNow'>) {
    this.#clock = clock;
  }

  /** The workers that belong to the run, in the order they joined. */
  present(): readonly WorkerRecord[] {
    return [...this.#present.values()];
  }

  /** How many belong to the run. */
  get count(): number {
    return this.#present.size;
  }

  /** @param holder id of the join token that the call carried: a session is its holder's alone */
  bySession(session: string, holder?: string): WorkerRecord | undefined {
    const worker = this.#sessions.get(session);
    return worker?.holder === holder ? worker : undefined;
  }

  byId(id: string): WorkerRecord | undefined {
    return this.#present.get(id);
  }

  /** The present worker whose process has this key. */
  ofProcess(keySha256: string): WorkerRecord | undefined {
    return this.present().find((worker) => worker.keySha256 === keySha256);
  }

  /**
   * The id under which a process that registers is quarantined: by its key, whatever name it proposes
   * now, or by its name, so that a machine that computes wrong results does not return with each
   * restart. The name counts for workers with one token only: another's holder cannot block it.
   */
  quarantinedAs(
    name: string,
    { holder, keySha256 }: Pick<NewWorker, 'holder' | 'keySha256'>,
  ): string | undefined {
    const byName = this.#quarantined.get(name);
    if (byName && byName.holder === holder) return name;
    return [...this.#quarantined].find(([, each]) => each.keySha256 === keySha256)?.[0];
  }

  /**
   * The proposed name; if a present or quarantined worker has it, with a number added, and shortened so
   * that the id is not longer than a name may be.
   */
  freeId(name: string): string {
    const isTaken = (id: string): boolean => this.#present.has(id) || this.#quarantined.has(id);
    let id = name;
    for (let number = 2; isTaken(id); number++) id = `${name.slice(0, LONGEST_NUMBERED)}-${number}`;
    return id;
  }

  /** A worker's log; undefined for a worker that is neither present nor remembered. */
  log(id: string): readonly LogLine[] | undefined {
    return this.#find(id)?.log;
  }

  /** The figures of the present workers in the order they joined, of the departed, of the refused. */
  figures(): readonly WorkerFigures[] {
    const gone = [...this.#departed.values(), ...this.#refused.values()];
    return [...this.#present.values(), ...gone].map((each) => each.figures());
  }

  /** All contributions so far by verdict, those of departed workers included. */
  verdicts(): Readonly<Partial<Record<Verdict, number>>> {
    return this.#verdicts;
  }

  /** Resolves once no worker belongs to the run. */
  emptied(): Promise<void> {
    if (this.#present.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Adds a worker; an earlier registration of the same id must have been removed. */
  add(worker: NewWorker): WorkerRecord {
    const record = new WorkerRecord(worker, this.#clock, this.#counted);
    this.#departed.delete(record.id);
    this.#refused.delete(record.id);
    this.#present.set(record.id, record);
    this.#sessions.set(record.session, record);
    return record;
  }

  /**
   * Removes a worker and ends its stream. One that has left may still be quarantined.
   *
   * @returns its record, if it was present or is remembered
   */
  remove(id: string, departure: Departure): WorkerRecord | undefined {
    const worker = departure.how === 'quarantined' ? this.#find(id) : this.#present.get(id);
    if (!worker) return undefined;
    this.#present.delete(id);
    this.#sessions.delete(worker.session);
    worker.departed(departure);
    if (departure.how === 'quarantined') {
      const { holder, keySha256 } = worker;
      this.#quarantined.set(id, { holder, keySha256 });
    }
    remember(this.#departed, worker, MOST_DEPARTED);
    worker.stream?.follower.end();
    if (this.#present.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    return worker;
  }

  /** Remembers a worker that was refused, unless its id belongs to a present or quarantined one. */
  refuse(worker: WorkerIdentity, reason: string): void {
    const before = this.#departed.get(worker.id);
    if (this.#present.has(worker.id) || before?.departure?.how === 'quarantined') return;
    this.#departed.delete(worker.id);
    const record = new WorkerRecord({ ...worker, local: false }, this.#clock, this.#counted);
    record.departed({ how: 'refused', reason });
    remember(this.#refused, record, MOST_REFUSED);
  }

  contributed(worker: WorkerRecord, header: ContributionHeader, verdict: Verdict): void {
    this.#verdicts[verdict] = (this.#verdicts[verdict] ?? 0) + 1;
    if (verdict === 'counted') this.#counted.samples += header.sampleCount;
    worker.contributed(header, verdict);
  }

  /** A shard that this worker had taken was queued for another worker as well. */
  reissued(id: string): void {
    this.#find(id)?.reissued();
  }

  #find(id: string): WorkerRecord | undefined {
    return this.#present.get(id) ?? this.#departed.get(id) ?? this.#refused.get(id);
  }
}

/** Adds a worker as the newest; of more than `most`, the oldest is forgotten. */
function remember(workers: Map<string, WorkerRecord>, worker: WorkerRecord, most: number): void {
  workers.delete(worker.id);
  workers.set(worker.id, worker);
  const [oldest] = workers.keys();
  if (workers.size > most && oldest !== undefined) workers.delete(oldest);
}
