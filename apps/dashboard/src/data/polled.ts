import { effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { ApiError } from '../api/api-error.js';
import { addressOf, fetchJson, type Asked } from '../api/fetch-json.js';
import type { GetPath, Reply } from '../api/reply.js';
import type { RunEvent } from '../api/run-events.js';
import { store } from './store.js';

/** An address that is read again and again while somebody looks. */
export interface Polled<Body> {
  /** The newest answer; an error leaves it as it was. */
  readonly value: ReadonlySignal<Body | undefined>;
  /** Why there is no newer one. */
  readonly error: ReadonlySignal<ApiError | undefined>;
  refresh(): Promise<void>;
}

export interface PollOptions<Body> extends Omit<Asked, 'signal'> {
  /** Absent for once only. */
  readonly everyMs?: number;
  /** Events after which it is read at once. */
  readonly after?: readonly RunEvent['event'][];
  /** For an answer that grows: only what is new is asked for. */
  readonly onwards?: Onwards<Body>;
}

/** How to go on from an answer. */
export interface Onwards<Body> {
  /** What to ask for beside the query itself. */
  query(known: Body): NonNullable<Asked['query']>;
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

/** Reads an address as long as the component is shown and the page can be seen. */
export function usePolled<Path extends GetPath>(
  path: Path,
  options: PollOptions<Reply<Path>> = {},
): Polled<Reply<Path>> {
  const key = addressOf(path, options);
  const polled = useMemo(() => {
    // What was known when the view was left is shown until there is news, or while none can come.
    const before = kept.get(key) as ReturnType<typeof createPolled<Path>> | undefined;
    const made = before ?? createPolled(path, options);
    if (options.everyMs !== undefined) keep(key, made);
    return made;
  }, [key]);
  useEffect(() => polled.start(), [polled]);
  return polled;
}

function createPolled<Path extends GetPath>(
  path: Path,
  { everyMs, after = [], onwards, ...asked }: PollOptions<Reply<Path>>,
): Polled<Reply<Path>> & { start(): () => void } {
  const value = signal<Reply<Path> | undefined>(undefined);
  const error = signal<ApiError | undefined>(undefined);
  let stopping = new AbortController();
  let busy: Promise<void> | undefined;
  /** Whose answer is known; another run's or an earlier coordinator's is not gone on from. */
  let leadership = store.leadership.peek();

  const read = async (): Promise<void> => {
    const { signal: stopped } = stopping;
    try {
      const leader = store.leadership.peek();
      const known = leader === leadership ? value.peek() : undefined;
      const query = known && onwards ? { ...asked.query, ...onwards.query(known) } : asked.query;
      const reply = await fetchJson(path, { ...asked, ...(query && { query }), signal: stopped });
      if (stopped.aborted) return;
      leadership = leader;
      value.value = known && onwards ? onwards.join(known, reply) : reply;
      error.value = undefined;
    } catch (thrown) {
      if (!stopped.aborted) error.value = ApiError.from(thrown);
    }
  };
  /** Two at once would only wait for each other. */
  const refresh = (): Promise<void> => (busy ??= read().finally(() => (busy = undefined)));

  const start = (): (() => void) => {
    stopping = new AbortController();
    busy = undefined;
    void refresh();
    const look = (): void => {
      if (!document.hidden) void refresh();
    };
    const timer = everyMs === undefined ? undefined : setInterval(look, everyMs);
    if (everyMs !== undefined) document.addEventListener('visibilitychange', look);
    const unsubscribe = store.subscribe(({ event }) => {
      if (after.includes(event)) look();
    });
    let responded = true;
    const unwatch = effect(() => {
      const leader = store.leadership.value;
      if (leadership === '') leadership = leader;
      const other = leader !== leadership;
      // Another run: nothing of the one before may be taken for its own.
      if (runOf(leader) !== runOf(leadership)) value.value = undefined;
      const responds = store.connection.value.state === 'live';
      if (other || (responds && !responded)) untracked(look);
      responded = responds;
    });
    return () => {
      unwatch();
      stopping.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
      unsubscribe();
    };
  };
  return { value, error, refresh, start };
}

function runOf(leadership: string): string {
  return leadership.split(' ')[0] ?? '';
}
