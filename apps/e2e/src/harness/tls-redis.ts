import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { obtainRedisProgram } from '@lockstep/runtime';
import { findProgram } from './find-program.js';
import { freePort } from './free-port.js';
import type { Sandbox } from './sandbox.js';
import { listens } from './listens.js';
import { until } from './until.js';

const SECURITY = fileURLToPath(new URL('../../../../docs/security.md', import.meta.url));
export const REDIS_USER = 'lockstep';

/** A Redis server on this machine that was built with TLS; undefined where there is none. */
export async function findTlsRedis(): Promise<string | undefined> {
  const { path } = await obtainRedisProgram(() => undefined);
  const others = [findProgram('redis-server'), findProgram('valkey-server')];
  return [path, ...others].find((each) => each !== undefined && knowsTls(each));
}

/** One that was built with TLS asks for the certificate, which is not given here, and ends. */
function knowsTls(program: string): boolean {
  const { stdout } = spawnSync(program, ['--port', '0', '--tls-port', '1', '--save', ''], {
    timeout: 10_000,
    encoding: 'utf8',
  });
  return stdout.includes('tls-cert-file');
}

/** The users as `docs/security.md` has an operator write them down, for this password. */
export function documentedUsers(password: string): string {
  const lines = readFileSync(SECURITY, 'utf8').match(/^user \w+ (?:on|off)\b.*$/gm) ?? [];
  const sha256 = createHash('sha256').update(password).digest('hex');
  return `${lines.join('\n').replace('$sha256', sha256)}\n`;
}

/** Starts Redis with TLS alone. @returns its port */
export async function startTlsRedis(
  sandbox: Sandbox,
  program: string,
  given: {
    /** A folder of `lockstep certs`. */
    readonly certs: string;
    /** Lines of an ACL file. */
    readonly users: string;
    readonly more?: readonly string[];
  },
): Promise<number> {
  const folder = join(sandbox.folder, 'redis');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'users.acl'), given.users);
  const port = await freePort();
  const server = spawn(
    program,
    [
      ...['--bind', '127.0.0.1', '--port', '0', '--tls-port', String(port), '--dir', folder],
      ...['--tls-cert-file', join(given.certs, 'server.crt')],
      ...['--tls-key-file', join(given.certs, 'server.key')],
      ...['--tls-ca-cert-file', join(given.certs, 'ca.crt'), '--tls-auth-clients', 'no'],
      ...['--aclfile', join(folder, 'users.acl'), '--save', '', '--set-proc-title', 'no'],
      ...(given.more ?? []),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await until('Redis listens', () => {
    if (server.exitCode !== null) throw new Error(`Redis ended with ${server.exitCode}`);
    return listens('127.0.0.1', port);
  });
  return port;
}
