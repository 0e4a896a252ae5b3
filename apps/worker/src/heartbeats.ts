import type { Clock } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { ProtocolClient, ShardAttempt } from '@lockstep/protocol';
import type { LogTail } from './log-tail.js';
import type { WorkerProcess } from './ports.js';

export interface HeartbeatParts {
  readonly clock: Clock;
  readonly process: WorkerProcess;
  readonly client: ProtocolClient;
  readonly engine: Engine;
  readonly log: LogTail;
  readonly session: string;
  readonly intervalMs: number;
  /** The version that the worker is ready to compute with, and the shard it works on. */
  readonly status: () => { version: number | undefined; shard: ShardAttempt | undefined };
  /** Called when the coordinator does not know the session. */
  readonly onUnknown: () => void;
  /** Called with the number of tensors that TensorFlow holds: one that grows is a leak. */
  readonly onMeasured: (tensors: number) => void;
}

/** Reports at an interval that this worker lives, what it works on and what it uses. */
export class Heartbeats {
  readonly #parts: HeartbeatParts;
  #tensorCount = 0;
  #isMeasuring = false;
  /** Number of the last log line that this coordinator has received. */
  #loggedUpTo = 0;
  #stop: (() => void) | undefined;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  start(): void {
    const { clock, intervalMs } = this.#parts;
    this.#stop = clock.every(intervalMs, () => {
      void this.#measure();
      this.beatNow();
    });
    this.beatNow();
  }

  stop(): void {
    this.#stop?.();
  }

  /** For news that should not wait for the next heartbeat. */
  beatNow(): void {
    void this.#beat();
  }

  /** The engine answers between two shards; heartbeats do not wait for it. */
  async #measure(): Promise<void> {
    if (this.#isMeasuring) return;
    this.#isMeasuring = true;
    const memory = await this.#parts.engine.run('memory', undefined).catch(() => undefined);
    this.#tensorCount = memory?.tensors ?? this.#tensorCount;
    this.#isMeasuring = false;
    this.#parts.onMeasured(this.#tensorCount);
  }

  async #beat(): Promise<void> {
    const { client, log, process, session, status, onUnknown } = this.#parts;
    const lines = log.after(this.#loggedUpTo);
    const reply = await client
      .heartbeat({
        ...{ session, ...status(), ...process.usage() },
        tensorCount: this.#tensorCount,
        log: [...lines],
      })
      // The stream breaks too when the coordinator cannot be reached: the session ends by that.
      .catch(() => undefined);
    if (reply?.known) this.#loggedUpTo = Math.max(this.#loggedUpTo, lines.at(-1)?.number ?? 0);
    if (reply && !reply.known) onUnknown();
  }
}
