import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  makeAuthority,
  makeServerCertificate,
  type PemPair,
} from './certificates/make-certificates.js';
import { readSecret } from './read-secret.js';
import { readRoleToken, mintRoleToken } from './tokens/role-token.js';
import { parseDuration } from './tokens/join-token.js';
import { readClientTls, readServerTls } from './tls-files.js';

const DAY = 86_400_000;
let authority: PemPair;
let server: PemPair;

beforeAll(async () => {
  authority = await makeAuthority(10, Date.now());
  server = await makeServerCertificate(authority, ['localhost'], 5, Date.now());
});

/** Writes a file with this content, gone when the test is over. */
function file(content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-pem-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), content);
  return join(folder, 'file');
}

const refused = (message: RegExp) => ({
  code: 'credentials-unreadable',
  exitCode: 2,
  message: expect.stringMatching(message) as string,
});

describe('certificate files', () => {
  it('are read where they fit together', async () => {
    const files = {
      certificate: file(server.certificate),
      key: file(server.key),
      ca: file(authority.certificate),
    };
    const pem = {
      certificate: Buffer.from(server.certificate),
      key: Buffer.from(server.key),
    };
    const ca = Buffer.from(authority.certificate);
    expect(await readServerTls(files)).toEqual({ ...pem, clientCa: ca });
    expect(await readClientTls(files)).toEqual({ ca, identity: pem });
    expect(await readClientTls({ ca: files.ca })).toEqual({ ca });
    expect(await readServerTls({})).toBeUndefined();
    expect(await readClientTls({})).toBeUndefined();
  });

  it('are refused by name where they do not', async () => {
    const certificate = file(server.certificate);
    const key = file(server.key);
    const old = await makeServerCertificate(authority, ['localhost'], 1, Date.now() - 3 * DAY);
    const young = await makeServerCertificate(authority, ['localhost'], 9, Date.now() + 3 * DAY);
    for (const [files, message] of [
      [{ certificate }, /--tls-cert .*no --tls-key/],
      [{ key }, /--tls-key .*no --tls-cert/],
      [{ certificate: '/nowhere/x.crt', key }, /--tls-cert \/nowhere\/x.crt: ENOENT/],
      [{ certificate: file('nonsense'), key }, /--tls-cert .*no certificate in PEM form/],
      [{ certificate: file(''), key }, /it is empty/],
      [{ certificate, key: file(authority.key) }, /--tls-key .*not the key of --tls-cert/],
      [{ certificate, key: file('nonsense') }, /--tls-key .*it is no private key/],
      [{ certificate: file(old.certificate), key: file(old.key) }, /it expired on/],
      [{ certificate: file(young.certificate), key: file(young.key) }, /it is valid from/],
      [{ certificate, key, ca: file(server.key) }, /--tls-ca .*no certificate/],
      [{ ca: certificate }, /--tls-ca .*needs --tls-cert/],
    ] as const) {
      await expect(readServerTls(files)).rejects.toMatchObject(refused(message));
    }
  });

  it('are all named where several are wrong', async () => {
    const files = { certificate: '/nowhere/x.crt', key: file('nonsense'), ca: file('') };
    const all = /^--tls-cert .*ENOENT.*\n--tls-key .*no private key.*\n--tls-ca .*it is empty$/;
    await expect(readServerTls(files)).rejects.toMatchObject(refused(all));
    await expect(readClientTls(files)).rejects.toMatchObject(refused(all));
  });
});

describe('a secret in a file', () => {
  it('is its one line', async () => {
    expect(await readSecret(file('se cret \n'), 'x')).toBe('se cret ');
    expect(await readSecret(file('a\r\n'), 'x')).toBe('a');
    await expect(readSecret(file('\n'), 'x')).rejects.toMatchObject(refused(/it is empty/));
    await expect(readSecret(file('a\nb\n'), 'x')).rejects.toMatchObject(refused(/one line/));
  });

  it('with a role’s token must be long enough', async () => {
    const token = mintRoleToken();
    expect(await readRoleToken(file(`${token}\n`), 'x')).toBe(token);
    const short = readRoleToken(file('hunter2'), '--admin-token-file');
    await expect(short).rejects.toMatchObject(refused(/^--admin-token-file .*32 letters/));
    await expect(short).rejects.not.toThrow(/hunter2/);
  });
});

describe('parseDuration', () => {
  it.each([
    ['40s', 40_000],
    ['15m', 900_000],
    ['12h', 43_200_000],
    ['30d', 30 * DAY],
    ['3650d', 3_650 * DAY],
    ['3651d', undefined],
    ['0d', undefined],
    ['30', undefined],
    ['-1d', undefined],
    ['1d ', undefined],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
});
