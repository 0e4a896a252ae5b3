import { hostname } from 'node:os';
import { keepAliveClock } from '@lockstep/core';
import { startEngine } from '@lockstep/engine';
import { createProtocolClient, LARGEST_PAYLOAD_BYTES } from '@lockstep/protocol';
import { consumeBullQueue } from '@lockstep/queue';
import { checkRedis } from '@lockstep/runtime';
import type { WorkerOptions } from './worker-options.js';
import type { ProcessUsage, WorkerPorts } from './worker-ports.js';

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
    process: { pid: process.pid, host: host ?? hostname(), usage: processUsage },
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
