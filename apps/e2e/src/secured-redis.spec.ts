import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { lockstep, startLockstep } from './harness/lockstep.js';
import { processesOf } from './harness/processes.js';
import { REFERENCE } from './harness/reference-run.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { succeed } from './harness/succeed.js';
import { documentedUsers, findTlsRedis, REDIS_USER, startTlsRedis } from './harness/tls-redis.js';
import { finished, referenceSha256, startReference } from './harness/train.js';

const program = await findTlsRedis();
const why = program === undefined ? ' (skipped: no Redis here was built with TLS)' : '';

/** Its certificate names the first of these alone. */
const BOTH = ['--bind', '127.0.0.1', '127.0.0.2'];

/** Redis with TLS and the documented user, with its credentials. */
async function start(
  more: readonly string[] = [],
  narrower: (users: string) => string = (users) => users,
) {
  const sandbox = createSandbox();
  const path = (name: string): string => join(sandbox.folder, name);
  await succeed(sandbox, 'certs', '--out', path('certs'));
  const password = await succeed(sandbox, 'token', 'secret');
  writeFileSync(path('redis.password'), `${password}\n`);
  const users = narrower(documentedUsers(password));
  const port = await startTlsRedis(sandbox, program ?? '', { certs: path('certs'), users, more });
  const url = `rediss://${REDIS_USER}@127.0.0.1:${port}`;
  const trust = ['--redis-ca', path('certs/ca.crt')];
  const login = ['--redis-password-file', path('redis.password')];
  return { sandbox, path, password, port, url, trust, login };
}

/** The error of a coordinator that Redis refuses; it has created nothing. */
async function refusal(sandbox: Sandbox, redis: readonly string[]): Promise<string> {
  const data = ['--data', inject('smallData'), '--out', sandbox.runs];
  const { code, stderr } = await lockstep(sandbox, ['coordinator', ...data, ...redis]);
  expect(code).toBe(2);
  expect(sandbox.runNames()).toEqual([]);
  return stderr;
}

describe.skipIf(program === undefined)(`a Redis with TLS and users${why}`, () => {
  it('carries a run of a coordinator and workers, with the rights that the documentation names', async () => {
    const { sandbox, password, url, trust, login } = await start();
    const redis = ['--redis', url, ...trust, ...login];
    const data = ['--data', inject('smallData')];
    const run = startLockstep(sandbox, [
      ...['coordinator', ...REFERENCE, ...data, '--out', sandbox.runs, '--json', ...redis],
      ...['--min-workers', '2', '--heartbeat-timeout', '60000', '--eval-every', '5'],
    ]);
    const { grpc, http = '' } = await run.event('listening');
    const args = ['worker', '--coordinator', grpc, ...data, ...redis];
    const workers = [startLockstep(sandbox, args), startLockstep(sandbox, args)];
    await run.event('step');
    const asked = await fetch(`${http}/api/queue`);
    expect(await asked.json()).toMatchObject({ redis: { up: true } });
    const board = await fetch(`${http}/queues/api/queues`);
    expect(board.status).toBe(200);
    for (const { command } of processesOf(sandbox.folder)) expect(command).not.toContain(password);
    expect(await finished(run)).toBe(referenceSha256());
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0]);
    for (const { stdout, stderr } of [run, ...workers]) {
      expect(stdout + stderr).not.toContain(password);
      expect(stderr).not.toContain('NOPERM');
    }
  });

  it('works for a training on one machine, with client certificates and the address in the environment', async () => {
    const { sandbox, path, password, port, trust } = await start(['--tls-auth-clients', 'yes']);
    const environment = { REDIS_URL: `rediss://${REDIS_USER}:${password}@localhost:${port}` };
    const shown = ['--tls-cert', path('certs/server.crt'), '--tls-key', path('certs/server.key')];
    const run = startReference(sandbox, ['--workers', '2', ...trust, ...shown], { environment });
    await run.event('step');
    const commands = processesOf(sandbox.folder).map(({ command }) => command);
    expect(commands.filter((each) => each.includes(' worker '))).toHaveLength(2);
    for (const command of commands) expect(command).not.toContain(password);
    expect(await finished(run)).toBe(referenceSha256());
  });

  it('refuses a wrong password, a user that it does not know, and none', async () => {
    const { sandbox, path, port, url, trust, login } = await start();
    writeFileSync(path('wrong.password'), 'not this one\n');
    const wrong = ['--redis-password-file', path('wrong.password')];
    const refused =
      /redis-refused the Redis at rediss:\/\/127.0.0.1:\d+ refuses the user or password/;
    for (const redis of [
      ['--redis', url, ...trust, ...wrong],
      ['--redis', `rediss://unknown@127.0.0.1:${port}`, ...trust, ...login],
      ['--redis', `rediss://127.0.0.1:${port}`, ...trust],
    ]) {
      const said = await refusal(sandbox, redis);
      expect(said).toMatch(refused);
      expect(said).toMatch(/what to do:.*--redis-password-file/);
      expect(said).not.toContain('not this one');
    }
    const coordinator = ['--coordinator', '127.0.0.1:1'];
    const worker = ['worker', ...coordinator, '--redis', url, ...trust, ...wrong];
    const { code, stderr } = await lockstep(sandbox, worker);
    expect([code, stderr]).toEqual([2, expect.stringMatching(refused)]);
  });

  it('is refused if its authority is not trusted, or its certificate has another host name', async () => {
    const { sandbox, path, port, url, trust, login } = await start(BOTH);
    await succeed(sandbox, 'certs', '--out', path('others'));
    const stranger = ['--redis-ca', path('others/ca.crt')];
    const elsewhere = `rediss://${REDIS_USER}@127.0.0.2:${port}`;
    for (const redis of [
      ['--redis', url, ...stranger, ...login],
      ['--redis', url, ...login],
      ['--redis', elsewhere, ...trust, ...login],
    ]) {
      expect(await refusal(sandbox, redis)).toMatch(/certificate-refused[\s\S]*--redis-ca/);
    }
    const plain = url.replace('rediss:', 'redis:');
    expect(await refusal(sandbox, ['--redis', plain, ...login])).toMatch(/not-redis[\s\S]*rediss:/);
  });

  it('with a missing right is reported', async () => {
    const narrow = (users: string): string => users.replace(' +info', '');
    const { sandbox, url, trust, login } = await start([], narrow);
    const said = await refusal(sandbox, ['--redis', url, ...trust, ...login]);
    expect(said).toMatch(/redis-refused .*NOPERM.*info[\s\S]*docs\/security\.md/);
  });
});

describe('a password in --redis', () => {
  it('is refused, together with other mistakes, and never printed', async () => {
    const sandbox = createSandbox();
    for (const command of ['train', 'coordinator', 'worker']) {
      const typed = ['--redis', 'rediss://me:hunter2@127.0.0.1:1', '--frob'];
      const { code, stdout, stderr } = await lockstep(sandbox, [command, ...typed]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/--frob[\s\S]*--redis holds a password[\s\S]*--redis-password-file/);
      expect(stdout + stderr).not.toContain('hunter2');
    }
  });
});
