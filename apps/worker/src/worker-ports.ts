import type { Clock } from '@lockstep/core';
import type { Engine, EngineSettings } from '@lockstep/engine';
import type { ProtocolClient } from '@lockstep/protocol';
import type { ConsumeOptions, RedisAt, ShardConsumer } from '@lockstep/queue';

/** Everything outside a worker that it works with: `systemPorts` has the real ones. */
export interface WorkerPorts {
  readonly clock: Clock;
  /** At least 0 and less than 1: spreads the retries of many workers. */
  readonly random: () => number;
  readonly process: WorkerProcess;
  /**
   * Starts what computes.
   *
   * @throws LockstepError `tensorflow-unavailable` or `device-unavailable`
   */
  startEngine(settings: EngineSettings): Promise<Engine>;
  /** @param address the coordinator's `host:port`; connects at the first call */
  createClient(address: string): ProtocolClient;
  /** Resolves if the queue's Redis can be used. @throws LockstepError that names its state */
  checkQueue(redis: RedisAt, signal: AbortSignal): Promise<unknown>;
  consumeQueue(options: QueueOptions): ShardConsumer;
}

export interface QueueOptions extends ConsumeOptions {
  readonly redis: RedisAt;
  readonly runId: string;
}

/** The process that a worker runs in. */
export interface WorkerProcess {
  readonly pid: number;
  /** Name of the machine. */
  readonly host: string;
  usage(): ProcessUsage;
}

export interface ProcessUsage {
  /** Resident memory, in bytes. */
  readonly rssBytes: number;
  /** User and system time since the process began, in seconds. */
  readonly cpuSeconds: number;
}
