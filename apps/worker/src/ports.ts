import { hostname } from 'node:os';
import { keepAliveClock, toName, type Clock } from '@lockstep/core';
import { startEngine, type Engine, type EngineSettings } from '@lockstep/engine';
import {
  createProtocolClient,
  LARGEST_PAYLOAD_BYTES,
  type ProtocolClient,
} from '@lockstep/protocol';
import {
  consumeBullQueue,
  type ConsumeOptions,
  type RedisAt,
  type ShardConsumer,
} from '@lockstep/queue';
import { checkRedis } from '@lockstep/runtime';
import type { WorkerOptions } from './worker-options.js';

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
  /** The queue's name. */
  readonly queue: string;
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

/** Lowers the compute thread's priority, so that network I/O stays responsive. */
const ENGINE_NICENESS = 3;

/** The ports of a worker that is a process of its own: TensorFlow, gRPC, BullMQ, the machine's clock. */
export function systemPorts({
  tls,
  joinToken,
  host,
}: Pick<WorkerOptions, 'tls' | 'joinToken' | 'host'>): WorkerPorts {
  return {
    clock: keepAliveClock,
    random: Math.random,
    process: { pid: process.pid, host: toName(host ?? hostname()), usage: processUsage },
    startEngine: (settings) => startEngine({ ...settings, niceness: ENGINE_NICENESS }),
    createClient: (address) =>
      createProtocolClient({
        ...{ address, maxPayloadBytes: LARGEST_PAYLOAD_BYTES },
        sharesMemory: host === undefined, // a worker with another host's name behaves like a remote one
        ...(tls && { tls }),
        ...(joinToken && { joinToken: () => joinToken.current() }),
      }),
    checkQueue: (redis, signal) => checkRedis(redis, undefined, signal),
    consumeQueue: consumeBullQueue,
  };
}

function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return { rssBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 };
}
