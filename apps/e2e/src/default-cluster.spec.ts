import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { startRedis } from '@lockstep/runtime';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { askHttps, callAll, type Trust } from './harness/ask-tls.js';
import { openComposeCluster, type ComposeCluster } from './harness/compose-cluster.js';
import { listeningPorts, tellsPorts } from './harness/listening-ports.js';
import type { Lockstep } from './harness/lockstep.js';
import { plainTexts, sayTo } from './harness/plain-text.js';
import { processesOf } from './harness/processes.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { succeed } from './harness/succeed.js';
import { findTlsRedis } from './harness/tls-redis.js';
import { until } from './harness/until.js';

const PROTO = fileURLToPath(
  new URL('../../../libs/protocol/proto/lockstep/v1/lockstep.proto', import.meta.url),
);
/** The routes without login: health checks, and the login itself. */
const OPEN = ['/healthz', '/readyz', '/api/login', '/api/logout', '/api/session'];
const UNAUTHENTICATED = '16';
/** Ends calls beyond the rate at which an address may be refused. */
const RESOURCE_EXHAUSTED = '8';

const tlsRedis = await findTlsRedis();
const without = tlsRedis === undefined ? ' (but Redis: none here was built with TLS)' : '';

let sandbox: Sandbox;
let cluster: ComposeCluster;
let coordinator: Lockstep;
const undo: (() => unknown)[] = [];

/** A file of credentials, as the compose file gives it to a service. */
const credential = (service: string, name: string): string =>
  readFileSync(join(cluster.volume('credentials'), service, name), 'utf8').trim();

const asWorker = (): Trust => ({
  ca: credential('worker', 'ca.crt'),
  cert: credential('worker', 'worker.crt'),
  key: credential('worker', 'worker.key'),
});

beforeAll(async () => {
  sandbox = createSandbox((each) => undo.push(each));
  cluster = await openComposeCluster(sandbox);
  const small = ['--data', inject('smallData')];
  const redis: string[] = [];
  if (tlsRedis === undefined) {
    const server = await startRedis({ folder: sandbox.temporary });
    undo.push(() => server.stop());
    redis.push('--redis', server.url);
  } else {
    await cluster.startRedis(tlsRedis);
  }
  const run = ['--steps', '5', '--batch', '20', '--shard-size', '10', ...small];
  const plain =
    tlsRedis === undefined ? { LOCKSTEP_REDIS_CA: '', LOCKSTEP_REDIS_PASSWORD_FILE: '' } : {};
  coordinator = cluster.start('coordinator', [...run, ...redis], plain);
  await coordinator.event('listening');
  cluster.start('worker', [...small, ...redis], plain);
  await coordinator.event('run-finished');
});

afterAll(async () => {
  for (const each of undo.reverse()) await each();
});

describe('the cluster of the compose file', () => {
  it.skipIf(!tellsPorts)(`has no unencrypted service${without}`, async () => {
    const { ports } = cluster;
    const ours = [ports.grpc, ports.coordinator, ports.worker];
    const all = tlsRedis === undefined ? ours : [...ours, ports.redis];
    const pids = processesOf(sandbox.folder).map(({ pid }) => pid);
    const found = listeningPorts(pids);
    // All are found, so that a port that is added later is found as well.
    expect(found).toEqual([...all].sort((a, b) => a - b));
    for (const port of found) {
      for (const [protocol, text] of Object.entries(plainTexts)) {
        const heard = await sayTo(port, text);
        // Nothing, or an alert of TLS (RFC 8446, record type 21).
        const said = heard.length === 0 || heard[0] === 21;
        expect(said, `${port} answers ${protocol} by ${heard.toString('latin1')}`).toBe(true);
      }
      expect(await shakesHands(port), `${port} by TLS`).toBe(true);
    }
  });

  it('answers no RPC without a good join token, or from a client without a certificate', async () => {
    const service = /^service (\w+)/m.exec(readFileSync(PROTO, 'utf8'))?.[1];
    const names = [...readFileSync(PROTO, 'utf8').matchAll(/^ *rpc (\w+)\(/gm)];
    const paths = names.map(([, name]) => `/lockstep.v1.${service}/${name}`);
    expect(paths.length).toBeGreaterThanOrEqual(10);
    const url = `https://localhost:${cluster.ports.grpc}`;
    const tokens = [
      '--tokens',
      join(cluster.volume('credentials'), 'coordinator/join-tokens.json'),
    ];
    const make = (...more: string[]): Promise<string> =>
      succeed(sandbox, 'token', 'create', '--name', 'x', ...tokens, ...more);
    const expired = await make('--expires', '1s');
    const revoked = await make();
    await succeed(sandbox, 'token', 'revoke', revoked.split('.')[1] ?? '', ...tokens);
    const refusalOf = async (token: string | undefined): Promise<(string | undefined)[]> => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const ends = await callAll(url, asWorker(), paths, headers);
      const named = ends.filter(({ status }) => status !== RESOURCE_EXHAUSTED);
      return [...new Set(named.map(({ status, refusal }) => `${status} ${refusal}`))];
    };
    /** Asks until the rate of refused calls lets one be refused by name. */
    const isRefused = (token: string, reason: string): Promise<boolean> =>
      until(reason, async () => {
        const [first, ...others] = await refusalOf(token);
        return first === `${UNAUTHENTICATED} ${reason}` && others.length === 0;
      });
    expect(await refusalOf(undefined)).toEqual([`${UNAUTHENTICATED} token-missing`]);
    await isRefused('lsj.00000000.wrong', 'token-unknown');
    for (const role of ['viewer', 'admin']) {
      const token = credential('coordinator', `${role}.token`);
      await isRefused(token, 'token-unknown');
    }
    for (const [token, reason] of [
      [expired, 'token-expired'],
      [revoked, 'token-revoked'],
    ] as const) {
      // The coordinator reads the file of tokens again within a second.
      await isRefused(token, reason);
    }
    const good = await callAll(url, asWorker(), paths, {
      authorization: `Bearer ${credential('worker', 'join.token')}`,
    });
    for (const { status } of good) expect(status).not.toBe(UNAUTHENTICATED);
    const { ca } = asWorker();
    await expect(callAll(url, { ca }, paths, {})).rejects.toThrow();
  });

  it('refuses requests without a valid token, and changes by a viewer', async () => {
    const url = `https://127.0.0.1:${cluster.ports.coordinator}`;
    const trust = { ca: credential('coordinator', 'ca.crt') };
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const admin = bearer(credential('coordinator', 'admin.token'));
    const viewer = bearer(credential('coordinator', 'viewer.token'));
    const { body } = await askHttps(`${url}/api/openapi.json`, trust, { headers: admin });
    const { paths } = JSON.parse(body) as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
    );
    expect(described.length).toBeGreaterThan(20);
    const hidden = ['/api/openapi.json', '/metrics', '/queues/', '/queues/api/queues'];
    const guarded = [...described, ...hidden.map((path) => ['GET', path] as const)].filter(
      ([, path]) => !OPEN.includes(path),
    );
    const statusOf = async (method: string, path: string, headers: Record<string, string>) =>
      (await askHttps(`${url}${path.replace(/\{\w+\}/g, '1')}`, trust, { method, headers })).status;
    for (const [method, path] of guarded) {
      for (const headers of [
        {},
        bearer('x'.repeat(40)),
        bearer(credential('worker', 'join.token')),
      ]) {
        expect(await statusOf(method, path, headers), `${method} ${path}`).toBe(401);
      }
      const changes = method !== 'GET' && path !== '/api/predict';
      const status = await statusOf(method, path, viewer);
      if (changes) expect(status, `${method} ${path} by a viewer`).toBe(403);
      else expect([401, 403], `${method} ${path} by a viewer`).not.toContain(status);
    }
  });
});

/** Whether a server with a certificate speaks TLS there. */
function shakesHands(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const { ca, ...shown } = asWorker();
    // A worker's probes show a client's certificate, which names no server.
    const options = { ...shown, ca, host: '127.0.0.1', port, rejectUnauthorized: false };
    const socket = connect(options, () => resolve(socket.destroy() !== undefined));
    socket.on('error', () => resolve(false));
  });
}
