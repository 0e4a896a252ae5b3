import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, createServer, type ConnectionOptions } from 'node:tls';
import { makeAuthority, makeServerCertificate } from '@lockstep/security/certificates';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findProgram } from './harness/find-program.js';
import { lockstep } from './harness/lockstep.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { succeed } from './harness/succeed.js';

const openssl = findProgram('openssl');
const DAY = 86_400_000;

const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

/** The output of a command that is refused before any work. */
async function refusal(sandbox: Sandbox, ...args: string[]): Promise<string> {
  const { code, stderr } = await lockstep(sandbox, args);
  expect(code, stderr).toBe(2);
  expect(stderr).toContain('what to do:');
  return stderr;
}

describe('lockstep certs', () => {
  it('creates an authority, a server and workers, readable only by their owner', async () => {
    const sandbox = createSandbox();
    const hosts = ['--host', 'coordinator.example,10.0.0.1'];
    const said = await succeed(sandbox, 'certs', ...hosts, '--client', 'a,b', '--days', '30');
    const folder = join(sandbox.folder, 'certs');
    const pairs = ['a', 'b', 'ca', 'server'].flatMap((name) => [`${name}.crt`, `${name}.key`]);
    expect(readdirSync(folder).sort()).toEqual(pairs);
    for (const name of pairs) {
      expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
      expect(said).toContain(join('certs', name));
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const { validTo, subjectAltName } = new X509Certificate(filesIn(folder)['server.crt'] ?? '');
    expect(Math.abs(Date.parse(validTo) - Date.now() - 30 * DAY)).toBeLessThan(DAY);
    expect(subjectAltName).toMatch(/DNS:coordinator.example, IP Address:10.0.0.1, DNS:localhost/);
  });

  it('writes nothing over, and signs for more workers with the authority that is there', async () => {
    const sandbox = createSandbox();
    const folder = join(sandbox.folder, 'certs');
    await succeed(sandbox, 'certs');
    const before = filesIn(folder);
    for (const again of [[], ['--client', 'more,worker'], ['--host', 'x', '--client', 'other']]) {
      expect(await refusal(sandbox, 'certs', ...again)).toMatch(/credentials-exist .*\.(crt|key)/);
    }
    expect(filesIn(folder)).toEqual(before);
    await succeed(sandbox, 'certs', '--client', 'rack-5');
    const after = filesIn(folder);
    expect(after).toMatchObject(before);
    const authority = new X509Certificate(before['ca.crt'] ?? '');
    expect(new X509Certificate(after['rack-5.crt'] ?? '').verify(authority.publicKey)).toBe(true);
  });

  it.each([
    ['no key', (folder: string) => rmSync(join(folder, 'ca.key')), /ca\.key is not beside ca\.crt/],
    ['another’s key', (folder: string) => swapKey(folder), /ca\.key is not the key of ca\.crt/],
    ['a damaged key', (folder: string) => writeFileSync(join(folder, 'ca.key'), 'x'), /can sign/],
  ])('refuse an authority that has %s, and write nothing', async (_, damage, said) => {
    const sandbox = createSandbox();
    const folder = join(sandbox.folder, 'certs');
    await succeed(sandbox, 'certs');
    damage(folder);
    const before = filesIn(folder);
    const refused = await refusal(sandbox, 'certs', '--client', 'more');
    expect(refused).toMatch(/credentials-unreadable/);
    expect(refused).toMatch(said);
    expect(filesIn(folder)).toEqual(before);
  });

  it('reports a folder that cannot be created', async () => {
    const sandbox = createSandbox();
    writeFileSync(join(sandbox.folder, 'file'), '');
    expect(await refusal(sandbox, 'certs', '--out', 'file/certs')).toMatch(/path-unusable --out /);
    const odd = await refusal(sandbox, 'certs', '--host', 'a b', '--client', '../x', '--days', '0');
    expect(odd).toMatch(/--host[\s\S]*--client[\s\S]*--days/);
  });

  it('creates certificates that TLS accepts for the given names only', async () => {
    const sandbox = createSandbox();
    await succeed(sandbox, 'certs', '--host', 'coordinator.example');
    const files = filesIn(join(sandbox.folder, 'certs'));
    const port = await serve(files);
    const shown = { cert: files['worker.crt'], key: files['worker.key'], ca: files['ca.crt'] };
    for (const servername of ['coordinator.example', 'localhost']) {
      expect(await shake({ ...shown, port, servername })).toBe('welcome worker');
    }
    expect(await shake({ ...shown, port, servername: 'other.example' })).toMatch(/altnames/);
    expect(await shake({ ca: files['ca.crt'], port, servername: 'localhost' })).toMatch(
      /certificate required|closed/,
    );
  });

  it.skipIf(openssl === undefined)(
    `makes what OpenSSL takes for what it is meant for${openssl ? '' : ' (skipped: no openssl)'}`,
    async () => {
      const sandbox = createSandbox();
      await succeed(sandbox, 'certs');
      const verify = (purpose: string, name: string): string =>
        execFileSync(
          openssl ?? '',
          ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.crt', `${name}.crt`],
          { cwd: join(sandbox.folder, 'certs'), encoding: 'utf8', stdio: 'pipe' },
        );
      expect(verify('sslserver', 'server')).toContain('OK');
      expect(verify('sslclient', 'server')).toContain('OK');
      expect(verify('sslclient', 'worker')).toContain('OK');
      expect(() => verify('sslserver', 'worker')).toThrow(/purpose/);
    },
  );
});

describe('files of credentials', () => {
  it('are all looked at before any work, and all that are no use are named at once', async () => {
    const sandbox = createSandbox();
    const path = (name: string): string => join(sandbox.folder, name);
    await succeed(sandbox, 'certs');
    const authority = await makeAuthority(9, Date.now());
    const old = await makeServerCertificate(authority, ['localhost'], 1, Date.now() - 3 * DAY);
    writeFileSync(path('old.crt'), old.certificate);
    writeFileSync(path('empty'), '');
    mkdirSync(path('folder'));
    const wrong = [
      ...['--tls-cert', 'old.crt', '--tls-key', 'certs/ca.crt', '--tls-ca', 'certs/ca.key'],
      ...['--redis-ca', 'nowhere.crt', '--redis-password-file', 'empty'],
    ];
    const ofRedis = [
      /--redis-ca nowhere\.crt: ENOENT/,
      /--redis-password-file empty: it is empty/,
      /--tls-cert old\.crt: it expired on/,
      /--tls-key certs\/ca\.crt: it is no private key/,
      /--tls-ca certs\/ca\.key: it holds no certificate/,
    ];
    const tokens = ['--join-tokens', 'certs/ca.crt', '--admin-token-file', 'folder'];
    const more = ['--viewer-token-file', 'certs/ca.crt'];
    const coordinator = await refusal(sandbox, 'coordinator', ...wrong, ...tokens, ...more);
    for (const said of [
      ...ofRedis,
      /the file of join tokens certs\/ca\.crt: it is no JSON/,
      /--admin-token-file folder: EISDIR/,
      /--viewer-token-file certs\/ca\.crt: it has more than one line/,
    ]) {
      expect(coordinator).toMatch(said);
    }
    expect(coordinator).toMatch(/credentials-unreadable[\s\S]*what to do:.*docs\/security\.md/);
    const worker = await refusal(sandbox, 'worker', ...wrong, '--join-token-file', 'no.token');
    for (const said of [...ofRedis, /--join-token-file no\.token: ENOENT/]) {
      expect(worker).toMatch(said);
    }
    const mixed = ['--tls-cert', 'certs/server.crt', '--tls-key', 'certs/worker.key'];
    expect(await refusal(sandbox, 'train', ...mixed)).toMatch(
      /--tls-key certs\/worker\.key: it is not the key of --tls-cert/,
    );
    expect(sandbox.runNames()).toEqual([]);
  });
});

function swapKey(folder: string): void {
  writeFileSync(join(folder, 'ca.key'), readFileSync(join(folder, 'server.key')));
}

/** A server that asks for certificates. @returns its port */
async function serve(files: Readonly<Record<string, string>>): Promise<number> {
  const server = createServer(
    {
      ...{ cert: files['server.crt'], key: files['server.key'], ca: files['ca.crt'] },
      ...{ requestCert: true, rejectUnauthorized: true },
    },
    (socket) => socket.end(`welcome ${String(socket.getPeerCertificate().subject.CN)}`),
  );
  server.on('tlsClientError', () => undefined);
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** What a client receives, or its error. */
function shake(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ ...options, host: '127.0.0.1' });
    socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
    socket.on('error', (error: Error) => resolve(error.message));
    socket.on('close', () => resolve(heard === '' ? 'closed' : heard));
  });
}
