import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { freePort } from './free-port.js';
import { listens } from './listens.js';
import { LOCKSTEP, startLockstep, type Lockstep } from './lockstep.js';
import type { Sandbox } from './sandbox.js';
import { until } from './until.js';

const DOCKER = fileURLToPath(new URL('../../../../docker/', import.meta.url));

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
}

/** The compose file's cluster, as processes of this machine. */
export interface ComposeCluster {
  /** The folder that stands for a volume. */
  volume(name: string): string;
  /** Starts a service's command with its options; later arguments take precedence. */
  start(
    service: 'coordinator' | 'worker',
    more?: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Lockstep;
  /** Starts Redis by this program, with the options that it has there. */
  startRedis(program: string): Promise<void>;
  readonly ports: Readonly<Record<'redis' | 'grpc' | 'coordinator' | 'worker', number>>;
}

/**
 * Creates the credentials of the compose file's cluster. There are no containers: paths inside of
 * them become folders of the sandbox, and their names this machine, with ports that are free.
 */
export async function openComposeCluster(sandbox: Sandbox): Promise<ComposeCluster> {
  const { services } = parse(readFileSync(join(DOCKER, 'compose.yaml'), 'utf8'), {
    merge: true,
  }) as { services: Readonly<Record<string, Service>> };
  const [redis, grpc, coordinator, worker] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const ports = { redis, grpc, coordinator, worker };
  const volume = (name: string): string => join(sandbox.folder, 'volumes', name);
  const credentials = join(sandbox.folder, 'credentials');
  const script = join(DOCKER, 'make-credentials.sh');
  await promisify(execFile)('sh', [script, credentials, process.execPath, LOCKSTEP]);

  /** Where each path of a service is here. */
  const mounted = (name: string): readonly (readonly [string, string])[] =>
    (services[name]?.volumes ?? []).flatMap((each) => {
      const [source = '', path = ''] = each.split(':');
      if (path === '') return [];
      const here = path === '/credentials' ? join(credentials, name) : volume(source);
      mkdirSync(here, { recursive: true });
      return [[path, here] as const];
    });
  const here = (name: string) => (text: string) =>
    mounted(name)
      .reduce((now, [path, folder]) => now.replace(new RegExp(`^${path}(?=/|$)`), folder), text)
      .replace('redis:6379', `localhost:${ports.redis}`)
      .replace('coordinator:5050', `localhost:${ports.grpc}`);

  return {
    ports,
    volume: (name) => (name === 'credentials' ? credentials : volume(name)),
    start: (name, more = [], changed = {}) => {
      const { command = [], environment = {} } = services[name] ?? {};
      const ofImages = {
        LOCKSTEP_SUPERVISED: 'true',
        LOCKSTEP_HTTP: `127.0.0.1:${ports[name]}`,
        ...(name === 'coordinator' && {
          LOCKSTEP_GRPC: `127.0.0.1:${ports.grpc}`,
          LOCKSTEP_OUT: sandbox.runs,
        }),
      };
      const own = Object.entries(environment).map(([key, text]) => [key, here(name)(text)]);
      return startLockstep(sandbox, [...command.map(here(name)), ...more], {
        environment: {
          ...ofImages,
          ...(Object.fromEntries(own) as Record<string, string>),
          ...changed,
        },
      });
    },
    startRedis: async (program) => {
      const [, ...args] = (services['redis']?.command ?? []).map(here('redis'));
      const own = args.map((each) => (each === '6379' ? String(ports.redis) : each));
      const places = ['--bind', '127.0.0.1', '--dir', volume('redis'), '--set-proc-title', 'no'];
      const server = spawn(program, [...own, ...places], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      await until('Redis listens', () => {
        if (server.exitCode !== null) throw new Error(`Redis ended with ${server.exitCode}`);
        return listens('127.0.0.1', ports.redis);
      });
    },
  };
}
