import type { Clock } from '@lockstep/core';
import { createRandomSource, type RandomSource } from '@lockstep/core/testing';

/** A process of the simulated world: frozen it does nothing until it thaws, dead nothing ever. */
export interface Process {
  readonly name: string;
  /** How far the wall clock of its machine is from the true time, in milliseconds; a fault sets it. */
  clockErrorMs: number;
  /** By which factor that clock is too fast. */
  readonly clockRate: number;
  /** When its machine started: where its monotonic clock begins. */
  readonly startedMs: number;
  state: 'running' | 'frozen' | 'dead';
  parked: (() => void)[];
}

/** When the simulated world begins, in milliseconds since the epoch. */
const BEGINNING = Date.UTC(2026, 0, 1);
const WRONG_BY_MS = 3_600_000;

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly process: Process | undefined;
  readonly act: () => void;
  isCancelled: boolean;
}

/** Time, chance and processes: everything that happens, happens here, in an order the seed decides. */
export class World {
  readonly random: RandomSource;
  readonly trace: ((line: string) => void) | undefined;
  #now = 0;
  #order = 0;
  readonly #agenda: Happening[] = [];

  constructor(seed: number, trace?: (line: string) => void) {
    this.random = createRandomSource(seed);
    this.trace = trace;
  }

  get now(): number {
    return this.#now;
  }

  say(line: () => string): void {
    this.trace?.(`${this.#now.toFixed(0).padStart(7)} ${line()}`);
  }

  /**
   * Does something after `ms`, as a process, or as the world where none is given; returns a function
   * that cancels this.
   */
  after(ms: number, process: Process | undefined, act: () => void): () => void {
    const at = this.#now + ms;
    const happening = { at, order: this.#order++, process, act, isCancelled: false };
    push(this.#agenda, happening);
    return () => {
      happening.isCancelled = true;
    };
  }

  sleep(ms: number, process: Process): Promise<void> {
    return new Promise((resolve) => this.after(ms, process, resolve));
  }

  /** A process on a machine whose wall clock is wrong, by up to an hour, and drifts. */
  newProcess(name: string): Process {
    const clockErrorMs = this.random.between(-WRONG_BY_MS, WRONG_BY_MS);
    const clockRate = 1 + this.random.between(-10, 10) / 1_000;
    const startedMs = this.random.between(0, WRONG_BY_MS);
    return { name, clockErrorMs, clockRate, startedMs, state: 'running', parked: [] };
  }

  /** The clock of a process, or of the world: nothing that it waits for happens while it is frozen, or once it is dead. */
  clockOf(process: Process | undefined): Clock {
    return {
      now: () => wallTime(this.#now, process),
      monotonicNow: () => this.#now + (process?.startedMs ?? 0),
      after: (ms, act) => this.after(ms, process, act),
      every: (ms, act) => {
        let isEnded = false;
        let cancel = (): void => undefined;
        const again = (): void => {
          act();
          if (!isEnded) cancel = this.after(ms, process, again);
        };
        cancel = this.after(ms, process, again);
        return () => {
          isEnded = true;
          cancel();
        };
      },
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          const end = (): void => {
            cancel();
            signal?.removeEventListener('abort', end);
            resolve();
          };
          const cancel = this.after(signal?.aborted ? 0 : ms, process, end);
          signal?.addEventListener('abort', end, { once: true });
        }),
    };
  }

  freeze(process: Process): void {
    if (process.state === 'running') process.state = 'frozen';
  }

  thaw(process: Process): void {
    if (process.state !== 'frozen') return;
    process.state = 'running';
    const parked = process.parked;
    process.parked = [];
    for (const act of parked) this.after(0, process, act);
  }

  kill(process: Process): void {
    process.state = 'dead';
    process.parked = [];
  }

  /** Lets things happen until `over`, or until `limitMs`; says whether it is over. */
  async run(over: () => boolean, limitMs: number): Promise<boolean> {
    await settled();
    while (!over()) {
      const next = pop(this.#agenda);
      if (!next || next.at > limitMs) return false;
      if (next.isCancelled) continue;
      this.#now = next.at;
      if (next.process?.state === 'dead') continue;
      if (next.process?.state === 'frozen') {
        next.process.parked.push(() => {
          if (!next.isCancelled) next.act();
        });
      } else {
        next.act();
        await settled();
      }
    }
    return true;
  }
}

/** What the machine of a process takes for the time, in milliseconds since the epoch. */
function wallTime(now: number, process: Process | undefined): number {
  const { clockErrorMs, clockRate } = process ?? { clockErrorMs: 0, clockRate: 1 };
  return BEGINNING + now * clockRate + clockErrorMs;
}

/** Resolves when every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function before(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A binary heap, the earliest first. */
function push(heap: Happening[], added: Happening): void {
  let at = heap.push(added) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(added, heap[parent])) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = added;
}

function pop(heap: Happening[]): Happening | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!last || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child += 1;
    if (!before(heap[child], last)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return first;
}
