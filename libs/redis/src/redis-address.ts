import { isIPv6 } from 'node:net';
import { LockstepError } from '@lockstep/core';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Trusted authorities and client certificate, PEM; the system's authorities if `ca` is absent. */
export interface RedisTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Name, password, database and encryption of a connection. */
export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: RedisTls;
}

/** Location of a Redis: one server, one behind sentinels, or a cluster. */
export type RedisAddress =
  | { readonly kind: 'server'; readonly node: RedisNode; readonly login: RedisLogin }
  | { readonly kind: 'socket'; readonly path: string; readonly login: RedisLogin }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisNode[];
      readonly masterName: string;
      readonly login: RedisLogin;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[]; readonly login: RedisLogin };

const FORMS =
  'write redis://host:6379, rediss://user@host:6379/0, unix:///path/to.sock, ' +
  'redis-sentinel://host:26379,host:26379/master or redis-cluster://host:6379,host:6379';

const NOT_ENCODED =
  'has an @, / or : in its user or password that is not percent-encoded (%40, %2F, %3A)';

/** Redis counts databases in 32 bits. */
const MOST_DATABASE = 2 ** 31 - 1;

const SCHEMES: readonly string[] = [
  ...['redis', 'rediss', 'unix', 'redis+unix'],
  ...['redis-sentinel', 'rediss-sentinel', 'redis-cluster', 'rediss-cluster'],
];

const PATTERN =
  /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?#@]*)(?<path>\/[^?#]*)?$/i;

/**
 * Reads the address of a Redis: `redis://`, `rediss://` (TLS), `unix:///path`, `redis+unix:///path`,
 * a plain absolute path, `redis-sentinel://host:port,…/masterName` or `redis-cluster://host:port,…`
 * (`rediss-…` for TLS). User and password are percent-encoded.
 *
 * @param source where the text comes from, such as `REDIS_URL`; subject of the message
 * @throws LockstepError `bad-option`; its message quotes nothing of the text, since a malformed one may contain a password anywhere
 */
export function parseRedisAddress(text: string, source = 'the Redis address'): RedisAddress {
  try {
    return readAddress(text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new LockstepError('bad-option', `${source} ${error.message}`, { remedy: FORMS });
  }
}

/** The problem of an address, as the predicate of a sentence; undefined if it is valid. */
export function whatIsWrongWith(text: string): string | undefined {
  try {
    readAddress(text);
    return undefined;
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

/** An invalid address, with the problem as the predicate of a sentence. */
class Malformed extends Error {}

function readAddress(text: string): RedisAddress {
  if (text.startsWith('/')) return { kind: 'socket', path: text, login: {} };
  const groups = /\s/.test(text) ? undefined : PATTERN.exec(text)?.groups;
  if (groups === undefined) throw new Malformed(malformation(text));
  const { hosts = '', path = '' } = groups;
  const scheme = (groups.scheme ?? '').toLowerCase();
  if (!SCHEMES.includes(scheme)) {
    throw new Malformed(`begins with an unknown scheme; known are ${SCHEMES.join(', ')}`);
  }
  if (path.includes('@') && !scheme.endsWith('unix')) throw new Malformed(NOT_ENCODED);
  const login = readLogin(groups.user, groups.password, scheme.startsWith('rediss'));
  switch (scheme) {
    case 'unix':
    case 'redis+unix':
      if (hosts !== '' || path.length < 2) {
        throw new Malformed('needs an absolute path after the scheme: unix:///path');
      }
      return { kind: 'socket', path: decode(path), login };
    case 'redis-sentinel':
    case 'rediss-sentinel': {
      const masterName = decode(path.slice(1));
      if (masterName === '') {
        throw new Malformed('names no master: redis-sentinel://host:port/name');
      }
      return { kind: 'sentinel', sentinels: readNodes(hosts, 26379), masterName, login };
    }
    case 'redis-cluster':
    case 'rediss-cluster':
      if (path.length > 1) throw new Malformed('names a database, but a cluster has only one');
      return { kind: 'cluster', nodes: readNodes(hosts, 6379), login };
    default:
      return { kind: 'server', node: onlyNode(hosts), login: { ...login, ...readDb(path) } };
  }
}

/** The problem of a text that is not an address. */
function malformation(text: string): string {
  if (text.trim() === '') return 'is empty';
  if (/\s/.test(text)) return 'contains a space or line break';
  if (!/^[^/?#@]*:\/\//.test(text))
    return 'has no scheme: it must begin with redis:// or rediss://';
  if (text.includes('?')) {
    return 'has a query (?…), which is not supported; percent-encode a ? in a password as %3F';
  }
  if (text.includes('#')) {
    return 'has a fragment (#…), which is not supported; percent-encode a # in a password as %23';
  }
  if (/@.*@|\/.*@/.test(text.replace('://', ''))) {
    return NOT_ENCODED;
  }
  return 'does not have the form of an address';
}

/** An address as text, or parsed. */
export type RedisAt = string | RedisAddress;

/** @throws LockstepError `bad-option` */
export function addressOf(at: RedisAt): RedisAddress {
  return typeof at === 'string' ? parseRedisAddress(at) : at;
}

/** Credentials that are not part of the address's text. */
export interface RedisCredentials extends RedisTls {
  readonly password?: string;
}

/**
 * Adds credentials from files to an address.
 *
 * @throws LockstepError `bad-option` for an authority with an address without TLS, or a second password
 */
export function withCredentials(
  address: RedisAddress,
  { password, ...tls }: RedisCredentials,
): RedisAddress {
  const { login } = address;
  if (password !== undefined && login.password !== undefined) {
    throw conflict('has a password, and --redis-password-file names another');
  }
  if (tls.ca !== undefined && login.tls === undefined) {
    throw conflict('does not use TLS, but --redis-ca is given: begin it with rediss');
  }
  const more = {
    ...(password === undefined ? {} : { password }),
    ...(login.tls === undefined ? {} : { tls: { ...login.tls, ...tls } }),
  };
  return { ...address, login: { ...login, ...more } };
}

/** The address for display and logs, without user and password. */
export function describeRedisAddress(address: RedisAddress): string {
  const list = (nodes: readonly RedisNode[]): string => nodes.map(describeNode).join(',');
  const scheme = address.login.tls ? 'rediss' : 'redis';
  switch (address.kind) {
    case 'socket':
      return `unix://${address.path}`;
    case 'server':
      return `${scheme}://${describeNode(address.node)}${address.login.db ? `/${address.login.db}` : ''}`;
    case 'sentinel':
      return `${scheme}-sentinel://${list(address.sentinels)}/${address.masterName}`;
    case 'cluster':
      return `${scheme}-cluster://${list(address.nodes)}`;
  }
}

function describeNode({ host, port }: RedisNode): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function onlyNode(hosts: string): RedisNode {
  const [node, ...more] = readNodes(hosts, 6379);
  if (node === undefined || more.length > 0) {
    throw new Malformed('names several hosts: write redis-cluster:// or redis-sentinel://');
  }
  return node;
}

function readNodes(hosts: string, defaultPort: number): RedisNode[] {
  if (hosts === '') throw new Malformed('has no host after the scheme');
  return hosts.split(',').map((text) => readNode(text, defaultPort));
}

function readNode(text: string, defaultPort: number): RedisNode {
  const match = /^(?:\[(?<v6>[^[\]]*)\]|(?<host>[^:[\]]*))(?::(?<port>[^:]*))?$/.exec(text);
  if (!match) {
    throw new Malformed('has colons in a host: write an IPv6 address in brackets, [::1]:6379');
  }
  const { v6, host = v6 ?? '', port = String(defaultPort) } = match.groups ?? {};
  if (host === '') throw new Malformed('has a port or comma without a host');
  if (v6 !== undefined && !isIPv6(v6)) throw new Malformed('has no IPv6 address in its brackets');
  // Text that is not a number may be part of a password, so it is not quoted.
  if (!/^\d+$/.test(port)) throw new Malformed('has a port that is not a number');
  const number = Number(port);
  if (number < 1 || number > 65535) {
    throw new Malformed('has a port out of range: it must be from 1 to 65535');
  }
  return { host: decode(host), port: number };
}

function readDb(path: string): Pick<RedisLogin, 'db'> {
  if (path === '' || path === '/') return {};
  if (!/^\/\d+$/.test(path)) {
    throw new Malformed('has a path that is not a database number: redis://host:6379/0');
  }
  const db = Number(path.slice(1));
  if (db > MOST_DATABASE) throw new Malformed('has a database number that is too large');
  return { db };
}

function readLogin(
  user: string | undefined,
  password: string | undefined,
  tls: boolean,
): RedisLogin {
  return {
    ...(user && { username: decode(user) }),
    ...(password && { password: decode(password) }),
    ...(tls && { tls: {} }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Malformed('has a % that begins no percent-encoding; write a % itself as %25');
  }
}

function conflict(what: string): LockstepError {
  return new LockstepError('bad-option', `the Redis address ${what}`, { remedy: FORMS });
}
