import { effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { addressOf, ApiError, fetchJson, type RequestOptions } from '../api/fetch-json.js';
import type { GetPath, Reply } from '../api/reply.js';
import type { RunEvent } from '../api/run-events.js';
import { store } from './store.js';

interface PollOptions<Body> extends Omit<RequestOptions, 'signal'> {
  /** If absent, it is read only once. */
  readonly everyMs?: number;
  /** Events that trigger a request at once. */
  readonly after?: readonly RunEvent['event'][];
  /** For a growing response: request only new entries. */
  readonly incremental?: Incremental<Body>;
}

/** How to request and append new entries. */
export interface Incremental<Body> {
  /** Additional query parameters. */
  query(known: Body): NonNullable<RequestOptions['query']>;
  join(known: Body, news: Body): Body;
}

const MOST_KEPT = 20;
const kept = new Map<string, unknown>();

function keep(key: string, polled: unknown): void {
  kept.delete(key);
  kept.set(key, polled);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
}

/** Polls an API path while the component is mounted and the page is visible. */
export function usePolled<Path extends GetPath>(
  path: Path,
  options: PollOptions<Reply<Path>> = {},
): Polled<Path> {
  const key = addressOf(path, options);
  const polled = useMemo(() => {
    // The last response is kept when the view is left, and shown until a newer one arrives.
    const known = (kept.get(key) as Polled<Path> | undefined) ?? new Polled(path, options);
    if (options.everyMs !== undefined) keep(key, known);
    return known;
  }, [key]);
  useEffect(() => polled.start(), [polled]);
  return polled;
}

/** An API path that is polled while it is shown. */
class Polled<Path extends GetPath> {
  /** The newest response; kept after an error. */
  readonly value: ReadonlySignal<Reply<Path> | undefined>;
  /** The error of the last request, if it failed. */
  readonly error: ReadonlySignal<ApiError | undefined>;
  readonly #path: Path;
  readonly #options: PollOptions<Reply<Path>>;
  readonly #value = signal<Reply<Path> | undefined>(undefined);
  readonly #error = signal<ApiError | undefined>(undefined);
  #stopping = new AbortController();
  #busy: Promise<void> | undefined;
  /** Run and term of the known response; one of another run or term is not appended to. */
  #runTerm = store.runTerm.peek();

  constructor(path: Path, options: PollOptions<Reply<Path>>) {
    this.#path = path;
    this.#options = options;
    this.value = this.#value;
    this.error = this.#error;
  }

  /** Requests the path now; at most one request is open at a time. */
  refresh(): Promise<void> {
    return (this.#busy ??= this.#read().finally(() => (this.#busy = undefined)));
  }

  /** Starts polling. @returns stops this */
  start(): () => void {
    const { everyMs, after = [] } = this.#options;
    this.#stopping = new AbortController();
    this.#busy = undefined;
    void this.refresh();
    const refreshIfVisible = (): void => {
      if (!document.hidden) void this.refresh();
    };
    const timer = everyMs === undefined ? undefined : setInterval(refreshIfVisible, everyMs);
    if (everyMs !== undefined) document.addEventListener('visibilitychange', refreshIfVisible);
    const unsubscribe = store.subscribe(({ event }) => {
      if (after.includes(event)) refreshIfVisible();
    });
    let responded = true;
    const unwatch = effect(() => {
      const current = store.runTerm.value;
      if (this.#runTerm === '') this.#runTerm = current;
      const other = current !== this.#runTerm;
      // Another run: do not show data of the previous one.
      if (runOf(current) !== runOf(this.#runTerm)) this.#value.value = undefined;
      const responds = store.connection.value.state === 'live';
      if (other || (responds && !responded)) untracked(refreshIfVisible);
      responded = responds;
    });
    return () => {
      unwatch();
      this.#stopping.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refreshIfVisible);
      unsubscribe();
    };
  }

  async #read(): Promise<void> {
    const { everyMs: _everyMs, after: _after, incremental, ...request } = this.#options;
    const { signal: stopped } = this.#stopping;
    try {
      const runTerm = store.runTerm.peek();
      const known = runTerm === this.#runTerm ? this.#value.peek() : undefined;
      const query =
        known && incremental ? { ...request.query, ...incremental.query(known) } : request.query;
      const reply = await fetchJson(this.#path, {
        ...request,
        ...(query && { query }),
        signal: stopped,
      });
      if (stopped.aborted) return;
      this.#runTerm = runTerm;
      this.#value.value = known && incremental ? incremental.join(known, reply) : reply;
      this.#error.value = undefined;
    } catch (thrown) {
      if (!stopped.aborted) this.#error.value = ApiError.from(thrown);
    }
  }
}

function runOf(runTerm: string): string {
  return runTerm.split(' ')[0] ?? '';
}
