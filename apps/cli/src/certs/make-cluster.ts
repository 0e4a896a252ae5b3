import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError, makeFolder } from '@lockstep/core';
import type { PemPair } from '@lockstep/security/certificates';

/** The certificates that a cluster needs. */
export interface Cluster {
  readonly folder: string;
  /** Names and addresses of the coordinator, beside this machine's own. */
  readonly hosts: readonly string[];
  /** Names of workers. */
  readonly clients: readonly string[];
  readonly days: number;
}

/** A file that was written, and its content. */
export interface Written {
  readonly name: string;
  readonly what: string;
}

const AUTHORITY_DAYS = 3_650;
const THIS_MACHINE = ['localhost', '127.0.0.1', '::1'];

/**
 * Writes certificates and keys, readable only for their owner. An existing CA signs them. No existing
 * file is overwritten, and nothing is written unless everything can be.
 *
 * @throws LockstepError `credentials-exist`, `credentials-unreadable` for a CA that cannot be used,
 *   or `path-unusable` for a folder that cannot be written to
 */
export async function makeCluster(cluster: Cluster): Promise<readonly Written[]> {
  const { folder, hosts, clients, days } = cluster;
  // Loaded only here: it is large, and certificates are rarely created.
  const maker = await import('@lockstep/security/certificates');
  const now = Date.now();
  const path = (name: string): string => join(folder, name);
  const hasAuthority = existsSync(path('ca.key')) && existsSync(path('ca.crt'));
  if (!hasAuthority && existsSync(path('ca.crt'))) {
    throw noAuthority(folder, 'ca.key is not beside ca.crt');
  }
  // Another worker's certificate needs no second server's.
  const withServer = !existsSync(path('server.key')) || hosts.length > 0;
  const pairs = [...(hasAuthority ? [] : ['ca']), ...(withServer ? ['server'] : []), ...clients];
  refuseIfThere(
    folder,
    pairs.flatMap((name) => [`${name}.crt`, `${name}.key`]),
  );

  const authority = hasAuthority
    ? await readAuthority(folder, now)
    : await maker.makeAuthority(AUTHORITY_DAYS, now);
  await makeFolder(folder, 0o700).catch(cannotWrite(folder));
  const serverHosts = [...new Set([...hosts, ...THIS_MACHINE])];
  const written: Written[] = [];
  const write = async (name: string, pair: PemPair, what: string): Promise<void> => {
    await writeNew(path(`${name}.crt`), pair.certificate);
    await writeNew(path(`${name}.key`), pair.key);
    written.push({ name: `${name}.crt`, what }, { name: `${name}.key`, what: 'its key' });
  };
  if (!hasAuthority) await write('ca', authority, 'the authority: --tls-ca of all');
  if (withServer) {
    const pair = await maker.makeServerCertificate(authority, serverHosts, days, now);
    await write('server', pair, `the coordinator at ${serverHosts.join(', ')}`);
  }
  for (const client of clients) {
    const pair = await maker.makeClientCertificate(authority, client, days, now);
    await write(client, pair, `the worker ${client}`);
  }
  return written;
}

function refuseIfThere(folder: string, names: readonly string[]): void {
  const there = names.filter((name) => existsSync(join(folder, name)));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (there.length === 0 && twice === undefined) return;
  const which = there.length > 0 ? there.join(', ') : `a second ${twice}`;
  throw new LockstepError('credentials-exist', `${folder} holds ${which} already`, {
    remedy: 'name other --client NAMES, choose another --out, or remove the files yourself',
  });
}

/** The authority that is there already. */
async function readAuthority(folder: string, now: number): Promise<PemPair> {
  try {
    const certificate = await readFile(join(folder, 'ca.crt'), 'utf8');
    const key = await readFile(join(folder, 'ca.key'), 'utf8');
    const read = new X509Certificate(certificate);
    if (!read.checkPrivateKey(createPrivateKey(key))) {
      throw new Error('ca.key is not the key of ca.crt');
    }
    if (Date.parse(read.validTo) < now) throw new Error(`ca.crt expired on ${read.validTo}`);
    return { certificate, key };
  } catch (cause) {
    throw noAuthority(folder, (cause as Error).message, cause);
  }
}

function noAuthority(folder: string, reason: string, cause?: unknown): LockstepError {
  const message = `the authority in ${folder} can sign nothing: ${reason}`;
  return new LockstepError('credentials-unreadable', message, {
    remedy: 'put the right ca.crt and ca.key there, or choose another --out for a new authority',
    cause,
  });
}

function cannotWrite(path: string): (cause: Error) => never {
  return (cause) => {
    throw LockstepError.fromSystem(cause, { what: `--out ${path} cannot be written` });
  };
}

/** `wx`: a file that another process has written meanwhile is kept. */
async function writeNew(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch(cannotWrite(path));
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}
