import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LockstepError } from '@lockstep/core';
import {
  addressOf,
  checkRedis,
  describeRedisAddress,
  parseRedisAddress,
  type RedisAddress,
  type RedisAt,
  type RedisFacts,
} from '@lockstep/redis';
import { redisUrlFromEnvironment } from '../environment.js';
import { notePath, setUpCommand } from '../folders.js';
import { temporaryFolder } from '../user-folders.js';
import { attended, awaitRedis } from '../waiting/await-dependency.js';
import { obtainRedisProgram } from './ensure-redis.js';
import { knownRedisProgram, type RedisProgramKind } from './find-redis.js';
import { FOLDER_PREFIX, KEEPER_SCRIPT, sweepForgottenFolders } from './keeper.js';

export interface RedisOptions {
  /** A running Redis: `redis://`, `rediss://` or `unix:///path`; overrides `REDIS_URL`. */
  readonly url?: RedisAt;
  /** Parent of an embedded Redis's private folder; the system's temporary folder by default. */
  readonly folder?: string;
}

export interface RunningRedis {
  /** Its address with credentials. */
  readonly at: RedisAddress;
  /**
   * The address as given, to pass on to other processes; that of an embedded Redis is
   * `unix:///…/redis.sock`.
   */
  readonly url: string;
  readonly kind: 'external' | RedisProgramKind;
  /** Product and version, such as `Redis 7.0.15` or `Valkey 9.1.2`. */
  readonly version: string;
  /** The embedded server's process at the start; a crashed server is restarted. */
  readonly pid?: number;
  /**
   * The embedded server's process now; undefined, or an ended one, until a crashed server is
   * restarted. Undefined for a server elsewhere.
   */
  serverPid(): number | undefined;
  /** Ends an embedded server and removes its socket and folder. */
  stop(): Promise<void>;
}

/** A Unix socket's path has 104 bytes on macOS and 108 on Linux. */
const LONGEST_SOCKET_PATH = 100;
const START_LIMIT_MS = 15_000;

/**
 * The Redis of a run: the one at `url` or `REDIS_URL`, checked, else an embedded one on a private
 * socket. An embedded one ends with this process in any case. Throws what `checkRedis` and
 * `ensureRedis` throw.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const inEnvironment = redisUrlFromEnvironment();
  const url = options.url ?? inEnvironment;
  if (url === undefined) return startEmbeddedRedis(options.folder);
  const at = url === inEnvironment ? parseRedisAddress(inEnvironment, 'REDIS_URL') : addressOf(url);
  const { server: version } = await awaitRedis(at, { policy: attended });
  const stop = (): Promise<void> => Promise.resolve();
  const text = typeof url === 'string' ? url : describeRedisAddress(at);
  return { at, url: text, kind: 'external', version, serverPid: () => undefined, stop };
}

/** As `startRedis`, but always an embedded Redis. */
export async function startEmbeddedRedis(base: string = temporaryFolder()): Promise<RunningRedis> {
  const program = knownRedisProgram() ?? (await obtainRedisProgram(() => undefined));
  const folder = privateFolder(base);
  const url = `unix://${join(folder, 'redis.sock')}`;
  const keeper = startKeeper(folder, program.path);
  const stop = (): Promise<void> => stopKeeper(keeper, folder);
  try {
    const { server: version } = await answering(url, keeper, folder);
    const pid = serverPid(folder);
    return {
      ...{ at: addressOf(url), url, kind: program.kind, version, stop },
      ...(pid === undefined ? {} : { pid }),
      serverPid: () => serverPid(folder),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A folder that only this user can enter, with a path short enough for a socket in it. */
function privateFolder(base: string): string {
  const fits =
    base.length + FOLDER_PREFIX.length + 'XXXXXX/redis.sock'.length < LONGEST_SOCKET_PATH;
  const usable = fits ? base : '/tmp';
  try {
    sweepForgottenFolders(usable);
    return mkdtempSync(join(usable, FOLDER_PREFIX));
  } catch (cause) {
    throw LockstepError.fromSystem(cause, {
      what: `the embedded Redis finds no place in the temporary folder ${usable}`,
      remedy: 'set TMPDIR to a writable folder, or REDIS_URL to a running Redis',
    });
  }
}

function startKeeper(folder: string, server: string): ChildProcess {
  const settings = {
    port: '0',
    unixsocket: join(folder, 'redis.sock'),
    unixsocketperm: '700',
    dir: folder,
    pidfile: join(folder, 'redis.pid'),
    logfile: join(folder, 'redis.log'),
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const script = join(folder, 'keeper.sh');
  writeFileSync(script, KEEPER_SCRIPT);
  const keeper = spawn('/bin/sh', [script, folder, server, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  keeper.on('error', () => undefined);
  keeper.stdin?.on('error', () => undefined);
  keeper.on('exit', () => killOrphan(folder));
  keeper.unref();
  unrefStream(keeper.stdin);
  return keeper;
}

function unrefStream(stream: unknown): void {
  (stream as { unref?: () => void } | null)?.unref?.();
}

/** The keeper removes the folder last; if it still exists, the keeper was killed. */
function killOrphan(folder: string): void {
  const pid = serverPid(folder);
  if (pid !== undefined) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has already been removed
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

function serverPid(folder: string): number | undefined {
  try {
    return Number(readFileSync(join(folder, 'redis.pid'), 'utf8').trim()) || undefined;
  } catch {
    return undefined;
  }
}

async function answering(url: string, keeper: ChildProcess, folder: string): Promise<RedisFacts> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return await checkRedis(url, 2_000);
    } catch (error) {
      if (performance.now() > deadline || keeper.exitCode !== null)
        throw neverAnswered(folder, error);
      await delay(10);
    }
  }
}

function neverAnswered(folder: string, cause: unknown): LockstepError {
  let said = '';
  try {
    said = readFileSync(join(folder, 'redis.log'), 'utf8').trim().split('\n').at(-1) ?? '';
  } catch {
    // no output
  }
  return new LockstepError('redis-unavailable', `the embedded Redis does not start: ${said}`, {
    remedy: `set REDIS_URL to a running Redis, or delete ${notePath('redis.json')} and run "${setUpCommand()}"`,
    cause,
  });
}

async function stopKeeper(keeper: ChildProcess, folder: string): Promise<void> {
  if (keeper.exitCode === null && keeper.signalCode === null && keeper.pid !== undefined) {
    keeper.ref();
    const gone = new Promise((resolve) => keeper.once('exit', resolve));
    keeper.stdin?.end();
    await gone;
  }
  killOrphan(folder);
}
