import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import {
  parseRunAddress,
  RUN_ADDRESS_FILE,
  toName,
  type RunAddress,
  type RunEvent,
} from '@lockstep/core';
import type { RunningRedis } from '@lockstep/runtime';

/** A process of the run. */
export interface Target {
  readonly pid: number;
  /** As reports name it: `worker-1a2b3c`, `coordinator of term 2`. */
  readonly name: string;
  /** A unique part of its command line: its pid may have been reused by another program. */
  readonly mark: string;
}

/**
 * The workers of this machine that joined and have not left, by a run's events. Workers that died while
 * no coordinator was running are included.
 */
export function joinedWorkers(events: readonly RunEvent[], host: string): readonly Target[] {
  const joined = new Map<string, Target>();
  for (const event of events) {
    if (event.event !== 'worker' || event.host !== host) continue;
    const { id, pid, state } = event;
    if (state === 'joined') joined.set(id, { pid, name: id, mark: id });
    else joined.delete(id);
  }
  return [...joined.values()];
}

export function livingWorkers(events: readonly RunEvent[]): readonly Target[] {
  return joinedWorkers(events, toName(hostname())).filter(lives);
}

/** A coordinator, and where it listens. */
export type LivingCoordinator = Target & Pick<RunAddress, 'http' | 'grpc'>;

/** The coordinator that leads the run in this folder. */
export function livingCoordinator(folder: string): LivingCoordinator | undefined {
  const address = readAddress(folder);
  if (!address) return undefined;
  const { pid, term, http, grpc } = address;
  const leader = { pid, name: `coordinator of term ${term}`, mark: dirname(folder), grpc };
  return lives(leader) ? { ...leader, ...(http === undefined ? {} : { http }) } : undefined;
}

export function livingRedis(redis: RunningRedis): Target | undefined {
  const pid = redis.serverPid();
  if (pid === undefined) return undefined;
  const server = { pid, name: 'redis', mark: redis.url.replace('unix://', '') };
  return lives(server) ? server : undefined;
}

export function lives({ pid, mark }: Target): boolean {
  return commandLine(pid).includes(mark);
}

function readAddress(folder: string): RunAddress | undefined {
  try {
    return parseRunAddress(readFileSync(join(folder, RUN_ADDRESS_FILE), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Empty for a process that has ended, zombies included. */
function commandLine(pid: number): string {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      : execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
