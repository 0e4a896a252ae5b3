import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis } from '@lockstep/runtime';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { lockstep, startLockstep } from './harness/lockstep.js';
import { REFERENCE } from './harness/reference-run.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { succeed } from './harness/succeed.js';
import { finished, referenceSha256 } from './harness/train.js';

/** Creates certificates and tokens. @returns a function from a file's name to its path */
async function secrets(sandbox: Sandbox): Promise<(name: string) => string> {
  const path = (name: string): string => join(sandbox.folder, name);
  await succeed(sandbox, 'certs', '--out', path('certs'));
  const create = ['token', 'create', '--tokens', path('join.json')];
  for (const name of ['good', 'spare']) {
    writeFileSync(path(name), await succeed(sandbox, ...create, '--name', name));
  }
  for (const role of ['admin', 'viewer']) {
    writeFileSync(path(role), await succeed(sandbox, 'token', 'secret'));
  }
  return path;
}

describe('a run with TLS both ways, join tokens and login', () => {
  it('ends with the same weights, and admits no other client', async () => {
    const sandbox = createSandbox();
    const path = await secrets(sandbox);
    const redis = await startRedis({ folder: sandbox.temporary });
    onTestFinished(() => redis.stop());
    const [cert, key, ca] = ['certs/server.crt', 'certs/server.key', 'certs/ca.crt'].map(path);
    const run = startLockstep(sandbox, [
      ...['coordinator', ...REFERENCE, '--data', inject('smallData'), '--out', sandbox.runs],
      ...['--redis', redis.url, '--json', '--heartbeat-timeout', '60000', '--min-workers', '2'],
      ...['--tls-cert', cert ?? '', '--tls-key', key ?? '', '--tls-ca', ca ?? ''],
      ...['--join-tokens', path('join.json')],
      ...['--admin-token-file', path('admin'), '--viewer-token-file', path('viewer')],
    ]);
    const { grpc, http = '' } = await run.event('listening');
    expect(http).toMatch(/^https:/);
    await run.event('run-started');

    const where = ['--redis', redis.url, '--coordinator', grpc, '--data', inject('smallData')];
    const trust = ['--tls-ca', ca ?? ''];
    const shown = ['--tls-cert', path('certs/worker.crt'), '--tls-key', path('certs/worker.key')];
    const worker = (...more: string[]) => startLockstep(sandbox, ['worker', ...where, ...more]);
    const turnedAway = async (said: RegExp, ...more: string[]): Promise<void> => {
      const stranger = worker(...more);
      expect(await stranger.ended).toBeGreaterThan(0);
      expect(stranger.stderr).toMatch(said);
    };
    await turnedAway(/coordinator-unreachable/, '--patience', '100');
    await turnedAway(/certificate-refused/, '--patience', '100', ...shown);
    await turnedAway(/worker-refused token-missing/, ...trust, ...shown);

    // One that is taken back while its worker waits: the session is over.
    const spare = worker(...trust, ...shown, '--join-token-file', path('spare'), '--id', 'spare');
    await run.event('worker', ({ id, state }) => id === 'spare' && state === 'joined');
    const { tokens } = JSON.parse(readFileSync(path('join.json'), 'utf8')) as {
      tokens: { id: string; name: string }[];
    };
    const id = tokens.find(({ name }) => name === 'spare')?.id ?? '';
    await succeed(sandbox, 'token', 'revoke', id, '--tokens', path('join.json'));
    const lost = await run.event(
      'worker',
      (event) => event.id === 'spare' && event.state === 'lost',
    );
    expect(lost.reason).toContain('revoked');
    expect(await spare.ended).toBe(1);
    expect(spare.stderr).toContain('token-revoked');

    const steer = (command: string, ...more: string[]) =>
      lockstep(sandbox, [command, '--out', sandbox.runs, ...more]);
    expect((await steer('status')).stderr).toContain('certificate-refused');
    expect((await steer('status', ...trust)).stderr).toContain('login-required');
    const viewer = [...trust, '--token-file', path('viewer')];
    expect((await steer('status', ...viewer)).code).toBe(0);
    expect((await steer('pause', ...viewer)).stderr).toContain('not-allowed');
    const admin = [...trust, '--token-file', path('admin')];
    expect((await steer('pause', ...admin)).code).toBe(0);
    expect((await steer('resume', ...admin)).code).toBe(0);

    const good = [...trust, ...shown, '--join-token-file', path('good')];
    const [one, other] = [worker(...good), worker(...good)];
    expect(await finished(run)).toBe(referenceSha256());
    expect(await Promise.all([one.ended, other.ended])).toEqual([0, 0]);

    // No secret is in anything that was printed or written.
    const events = readFileSync(
      join(sandbox.runs, sandbox.runNames()[0] ?? '', 'events.jsonl'),
      'utf8',
    );
    for (const text of [events, run.stdout, run.stderr, one.stderr, spare.stderr]) {
      expect(text).not.toMatch(/lsj\.[0-9a-f]{8}\.|lsr\./);
    }
  });

  it('is refused beyond this machine where any of it is missing', async () => {
    const sandbox = createSandbox();
    const environment = { REDIS_URL: 'redis://me:hunter2@127.0.0.1:1' };
    const args = ['coordinator', '--grpc', '0.0.0.0:0'];
    const { code, stderr } = await lockstep(sandbox, args, { environment });
    expect(code).toBe(2);
    expect(stderr).toMatch(/insecure-address[\s\S]*no TLS[\s\S]*no join tokens[\s\S]*--insecure/);
    expect(stderr).not.toContain('hunter2');
    expect(sandbox.runNames()).toEqual([]);
  });
});
