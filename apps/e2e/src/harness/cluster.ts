import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { obtainRedisProgram } from '@lockstep/runtime';
import { listens as listensHere } from './listens.js';
import { startLockstep, type Lockstep } from './lockstep.js';
import type { Sandbox } from './sandbox.js';
import { until } from './until.js';

/** The host of a cluster's process, and its address. */
export interface Place {
  readonly address: string;
  /** Prefix of a command to run it there; empty on this machine. */
  readonly within?: readonly string[];
}

/** A Redis that keeps its queue on disk, as a cluster has it: it may be restarted. */
export interface ClusterRedis {
  readonly url: string;
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<void>;
}

/** Starts Redis at a fixed address; its data stay in the sandbox for the next one. */
export async function startClusterRedis(
  sandbox: Pick<Sandbox, 'folder'>,
  { address, within = [] }: Place,
  port: number,
): Promise<ClusterRedis> {
  const { path } = await obtainRedisProgram(() => undefined);
  const folder = join(sandbox.folder, 'redis');
  mkdirSync(folder, { recursive: true });
  const [program = '', ...args] = [
    ...[...within, path, '--bind', address, '--port', String(port), '--dir', folder],
    ...['--protected-mode', 'no', '--save', '', '--appendonly', 'yes'],
    // Its title would hide the folder by which its sandbox finds it.
    ...['--maxmemory-policy', 'noeviction', '--set-proc-title', 'no'],
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await until('Redis listens', () => listens(child, within, address, port));
  return {
    url: `redis://${address}:${port}`,
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Whether a server listens there, checked from the same host. */
function listens(
  server: ChildProcess,
  within: readonly string[],
  host: string,
  port: number,
): Promise<boolean> {
  if (server.exitCode !== null) throw new Error(`Redis ended with ${server.exitCode}`);
  if (within.length === 0) return listensHere(host, port);
  const script = `require('node:net').connect(${port}, '${host}')
    .on('connect', () => process.exit(0)).on('error', () => process.exit(1))`;
  const [program = '', ...args] = [...within, process.execPath, '-e', script];
  const asking = spawn(program, args, { stdio: 'ignore' });
  return new Promise((resolve) => asking.once('close', (code) => resolve(code === 0)));
}

export interface ClusterAddresses {
  readonly redis: string;
  readonly coordinator: Place;
  readonly grpcPort: number;
  readonly httpPort: number;
}

/** Starts `lockstep coordinator` at its place, with fixed ports. */
export function startClusterCoordinator(
  sandbox: Sandbox,
  { redis, coordinator, grpcPort, httpPort }: ClusterAddresses,
  args: readonly string[],
): Lockstep {
  const { address, within } = coordinator;
  const fixed = [
    ...['coordinator', '--redis', redis, '--out', sandbox.runs, '--json'],
    ...['--grpc', `${address}:${grpcPort}`, '--http', `${address}:${httpPort}`, '--insecure'],
  ];
  return startLockstep(sandbox, [...fixed, ...args], within ? { within } : {});
}

/** Starts `lockstep worker` at its place. */
export function startClusterWorker(
  sandbox: Sandbox,
  { redis, coordinator, grpcPort }: ClusterAddresses,
  { within }: Pick<Place, 'within'>,
  args: readonly string[],
): Lockstep {
  const fixed = ['worker', '--redis', redis, '--coordinator', `${coordinator.address}:${grpcPort}`];
  return startLockstep(sandbox, [...fixed, ...args], within ? { within } : {});
}
