import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ClientTls, ServerTls, TlsIdentity } from '@lockstep/core';
import { allAtOnce, readCredentials, unreadable } from './read-secret.js';

/** Paths of PEM files, as the options give them. */
export interface TlsFiles {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
}

/**
 * Reads a server's credentials; undefined if no certificate is named.
 *
 * @throws LockstepError `credentials-unreadable` when a file is missing, damaged or expired, when key and certificate do not match, or when one is named without the other; it names every invalid file
 */
export async function readServerTls(files: TlsFiles): Promise<ServerTls | undefined> {
  const [identity, clientCa] = await allAtOnce([readIdentity(files), readOptionalCa(files)]);
  if (identity === undefined) {
    if (files.ca === undefined) return undefined;
    throw unreadable('--tls-ca', files.ca, 'it needs --tls-cert and --tls-key beside it');
  }
  return clientCa === undefined ? identity : { ...identity, clientCa };
}

/**
 * Reads a client's credentials; undefined if no file is named.
 *
 * @throws LockstepError `credentials-unreadable`, as `readServerTls`
 */
export async function readClientTls(files: TlsFiles): Promise<ClientTls | undefined> {
  const [identity, ca] = await allAtOnce([readIdentity(files), readOptionalCa(files)]);
  if (identity === undefined && ca === undefined) return undefined;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(identity === undefined ? {} : { identity }),
  };
}

/**
 * Reads a file of trusted certificates.
 *
 * @param what names it in errors
 * @throws LockstepError `credentials-unreadable`
 */
export async function readCa(path: string, what = '--tls-ca'): Promise<Buffer> {
  return readCertificate(path, what);
}

async function readCertificate(path: string, what: string): Promise<Buffer> {
  const pem = await readCredentials(path, what);
  checkCertificate(pem, what, path);
  return pem;
}

async function readOptionalCa({ ca }: TlsFiles): Promise<Buffer | undefined> {
  return ca === undefined ? undefined : readCa(ca);
}

async function readIdentity({ certificate, key }: TlsFiles): Promise<TlsIdentity | undefined> {
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined) throw unreadable('--tls-key', key ?? '', 'there is no --tls-cert');
  if (key === undefined) throw unreadable('--tls-cert', certificate, 'there is no --tls-key');
  const [cert, pem] = await allAtOnce([
    readCertificate(certificate, '--tls-cert'),
    readKey(key, '--tls-key'),
  ]);
  try {
    createSecureContext({ cert, key: pem });
  } catch (cause) {
    throw unreadable('--tls-key', key, 'it is not the key of --tls-cert', cause);
  }
  return { certificate: cert, key: pem };
}

async function readKey(path: string, what: string): Promise<Buffer> {
  const pem = await readCredentials(path, what);
  try {
    createPrivateKey(pem);
  } catch (cause) {
    throw unreadable(what, path, 'it is no private key in PEM form, or has a passphrase', cause);
  }
  return pem;
}

function checkCertificate(pem: Buffer, what: string, path: string): void {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (cause) {
    throw unreadable(what, path, 'it holds no certificate in PEM form', cause);
  }
  const now = Date.now();
  const { validFrom, validTo } = certificate;
  if (Date.parse(validTo) < now) throw unreadable(what, path, `it expired on ${validTo}`);
  if (Date.parse(validFrom) > now) throw unreadable(what, path, `it is valid from ${validFrom}`);
}
