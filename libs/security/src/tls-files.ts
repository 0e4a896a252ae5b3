import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ClientTls, ServerTls, TlsIdentity } from '@lockstep/core';
import { readCredentials, unreadable } from './read-secret.js';

/** Paths of PEM files, as the options give them. */
export interface TlsFiles {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
}

/**
 * What a server needs; undefined where no certificate is named.
 *
 * @throws LockstepError `credentials-unreadable` when a file is missing, damaged or expired, when key
 *   and certificate do not belong together, or when one is named without the other
 */
export async function readServerTls(files: TlsFiles): Promise<ServerTls | undefined> {
  const identity = await readIdentity(files);
  if (identity === undefined) {
    if (files.ca === undefined) return undefined;
    throw unreadable('--tls-ca', files.ca, 'it needs --tls-cert and --tls-key beside it');
  }
  return files.ca === undefined ? identity : { ...identity, clientCa: await readCa(files.ca) };
}

/**
 * What a client needs; undefined where no file is named.
 *
 * @throws LockstepError `credentials-unreadable`, as `readServerTls`
 */
export async function readClientTls(files: TlsFiles): Promise<ClientTls | undefined> {
  const identity = await readIdentity(files);
  if (identity === undefined && files.ca === undefined) return undefined;
  return {
    ...(files.ca === undefined ? {} : { ca: await readCa(files.ca) }),
    ...(identity === undefined ? {} : { identity }),
  };
}

/**
 * A file of certificates to trust.
 *
 * @param what names it in errors
 * @throws LockstepError `credentials-unreadable`
 */
export async function readCa(path: string, what = '--tls-ca'): Promise<Buffer> {
  const ca = await readCredentials(path, what);
  checkCertificate(ca, what, path);
  return ca;
}

async function readIdentity({ certificate, key }: TlsFiles): Promise<TlsIdentity | undefined> {
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined) throw unreadable('--tls-key', key ?? '', 'there is no --tls-cert');
  if (key === undefined) throw unreadable('--tls-cert', certificate, 'there is no --tls-key');
  const identity = {
    certificate: await readCredentials(certificate, '--tls-cert'),
    key: await readCredentials(key, '--tls-key'),
  };
  checkCertificate(identity.certificate, '--tls-cert', certificate);
  try {
    createSecureContext({ cert: identity.certificate, key: identity.key });
  } catch (cause) {
    throw unreadable('--tls-key', key, 'it is no key, or not that of --tls-cert', cause);
  }
  return identity;
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
