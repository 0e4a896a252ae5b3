import type { Engine } from '@lockstep/engine';
import type { ProtocolClient, ShardAttempt } from '@lockstep/protocol';
import type { LogTail } from './log-tail.js';

export interface Heartbeats {
  /** There is news that should not wait for the next beat. */
  beatNow(): void;
  end(): void;
}

/**
 * Says every so often that this worker lives, and how it does.
 *
 * @param unknown called when the coordinator does not know the session any more
 */
export function startHeartbeats(parts: {
  readonly client: ProtocolClient;
  readonly engine: Engine;
  readonly session: string;
  readonly intervalMs: number;
  readonly version: () => number | undefined;
  readonly currentShard: () => ShardAttempt | undefined;
  readonly log: LogTail;
  readonly unknown: () => void;
  /** Told how many tensors TensorFlow holds: a number that grows is a leak. */
  readonly measured: (tensors: number) => void;
}): Heartbeats {
  const { client, engine, session, intervalMs } = parts;
  let tensorCount = 0;
  let measuring = false;
  /** The last line of the log that this coordinator has said to have. */
  let told = 0;
  const measure = async (): Promise<void> => {
    if (measuring) return;
    measuring = true;
    // The engine answers between two shards; the beat does not wait for it.
    const memory = await engine.run('memory', undefined).catch(() => undefined);
    tensorCount = memory?.tensors ?? tensorCount;
    measuring = false;
    parts.measured(tensorCount);
  };
  const beat = async (): Promise<void> => {
    const { user, system } = process.cpuUsage();
    const lines = parts.log.after(told);
    const reply = await client
      .heartbeat({
        session,
        version: parts.version(),
        shard: parts.currentShard(),
        rssBytes: process.memoryUsage.rss(),
        tensorCount,
        cpuSeconds: (user + system) / 1e6,
        log: [...lines],
      })
      // A coordinator out of reach is noticed by the stream that breaks.
      .catch(() => undefined);
    if (reply?.known) told = Math.max(told, lines.at(-1)?.number ?? 0);
    if (reply && !reply.known) parts.unknown();
  };
  const timer = setInterval(() => {
    void measure();
    void beat();
  }, intervalMs);
  void beat();
  return { beatNow: () => void beat(), end: () => clearInterval(timer) };
}
