import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isAtLeast, OLDEST_REDIS } from '@lockstep/redis';
import { readNote, userCacheFolder, writeNote } from '../folders.js';
import { findProgram, runProgram } from '../programs.js';

/** Where an embedded Redis server's program came from. */
export type RedisProgramKind = 'path' | 'wheel' | 'apt';

/** A server program whose version is known from running it. */
export interface RedisProgram {
  readonly kind: RedisProgramKind;
  readonly path: string;
  /** Output of `--version`, such as `Redis 7.0.15` or `Valkey 9.1.2`. */
  readonly version: string;
}

const NOTE = 'redis.json';

/** The program that an earlier set-up found, if it still exists; starts no process. */
export function knownRedisProgram(): RedisProgram | undefined {
  const note = readNote(NOTE) as RedisProgram | undefined;
  return note !== undefined && existsSync(String(note.path)) ? note : undefined;
}

export function rememberRedisProgram(program: RedisProgram): void {
  writeNote(NOTE, program);
}

/** Looks for a usable server on PATH; reports a reason for each unusable one. */
export async function findRedisOnPath(
  passOver: (reason: string) => void,
): Promise<RedisProgram | undefined> {
  const paths = ['redis-server', 'valkey-server'].map((name) => findProgram(name));
  const found = paths.filter((path) => path !== undefined);
  if (found.length === 0) passOver('no redis-server or valkey-server on PATH');
  for (const path of found) {
    const program = await askVersion('path', path, passOver);
    if (program !== undefined) return program;
  }
  return undefined;
}

/** Runs a server with `--version`; undefined, with a reason, if it is unusable. */
export async function askVersion(
  kind: RedisProgramKind,
  path: string,
  passOver: (reason: string) => void,
): Promise<RedisProgram | undefined> {
  const result = await runProgram(path, ['--version'], { timeoutMs: 10_000 });
  const [, name, version] = /^(Redis|Valkey).*?v=([\d.]+)/i.exec(result.stdout) ?? [];
  if (!result.ok || name === undefined || version === undefined) {
    passOver(`${path} does not run: ${result.lastLine}`);
    return undefined;
  }
  if (isAtLeast(version, OLDEST_REDIS)) return { kind, path, version: `${name} ${version}` };
  passOver(`${path} is ${name} ${version}, older than ${OLDEST_REDIS}`);
  return undefined;
}

/** Where a server program taken out of a wheel or a package is kept. */
export function redisCacheFolder(name: string): string {
  return join(userCacheFolder(), name);
}
