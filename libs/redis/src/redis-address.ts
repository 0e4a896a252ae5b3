import { LockstepError } from '@lockstep/core';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Whom to trust, and how to prove who one is, PEM; the system's authorities where `ca` is absent. */
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

/** Where a Redis is: one server, one behind sentinels, or a cluster. */
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

const REMEDY =
  'write redis://host:6379, rediss://user@host:6379/0, unix:///path/to.sock, ' +
  'redis-sentinel://host:26379,host:26379/master or redis-cluster://host:6379,host:6379';

const PATTERN =
  /^(?<scheme>[a-z+-]+):\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?#@]*)(?<path>\/[^?#]*)?$/;

/**
 * Reads the address of a Redis: `redis://`, `rediss://` (TLS), `unix:///path`, `redis+unix:///path`,
 * a plain absolute path, `redis-sentinel://host:port,…/masterName` or `redis-cluster://host:port,…`
 * (`rediss-…` for TLS). User and password are percent-encoded.
 *
 * @throws LockstepError `bad-option`; its message quotes nothing of the text, since a password may
 *   be anywhere in one that is malformed
 */
export function parseRedisAddress(text: string): RedisAddress {
  if (text.startsWith('/')) return { kind: 'socket', path: text, login: {} };
  const groups = PATTERN.exec(text)?.groups;
  if (groups === undefined) throw badAddress('is no address of a Redis');
  const { scheme = '', hosts = '', path = '' } = groups;
  const login = readLogin(groups.user, groups.password, scheme.startsWith('rediss'));
  switch (scheme) {
    case 'unix':
    case 'redis+unix':
      if (hosts !== '' || path === '') throw badAddress('needs an absolute path: unix:///path');
      return { kind: 'socket', path: decode(path), login };
    case 'redis':
    case 'rediss':
      return { kind: 'server', node: onlyNode(hosts), login: { ...login, ...readDb(path) } };
    case 'redis-sentinel':
    case 'rediss-sentinel': {
      const masterName = decode(path.slice(1));
      if (masterName === '') throw badAddress('names no master: redis-sentinel://host:port/name');
      return { kind: 'sentinel', sentinels: readNodes(hosts, 26379), masterName, login };
    }
    case 'redis-cluster':
    case 'rediss-cluster':
      if (path.length > 1) throw badAddress('names a database, and a cluster has only one');
      return { kind: 'cluster', nodes: readNodes(hosts, 6379), login };
    default:
      throw badAddress(`begins with ${scheme}://`);
  }
}

/** An address as text, or as it was read. */
export type RedisAt = string | RedisAddress;

/** @throws LockstepError `bad-option` */
export function addressOf(at: RedisAt): RedisAddress {
  return typeof at === 'string' ? parseRedisAddress(at) : at;
}

/** What does not stand in the text of an address. */
export interface RedisCredentials extends RedisTls {
  readonly password?: string;
}

/**
 * An address with what was kept in files put into it.
 *
 * @throws LockstepError `bad-option` for an authority where the address is not one of TLS, or a second
 *   password
 */
export function withCredentials(
  address: RedisAddress,
  { password, ...tls }: RedisCredentials,
): RedisAddress {
  const { login } = address;
  if (password !== undefined && login.password !== undefined) {
    throw badAddress('has a password, and --redis-password-file names another');
  }
  if (tls.ca !== undefined && login.tls === undefined) {
    throw badAddress('is not one of TLS, and --redis-ca is given: begin it with rediss');
  }
  const more = {
    ...(password === undefined ? {} : { password }),
    ...(login.tls === undefined ? {} : { tls: { ...login.tls, ...tls } }),
  };
  return { ...address, login: { ...login, ...more } };
}

/** The address for people and logs: without user and password. */
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
    throw badAddress('names several hosts: say redis-cluster:// or redis-sentinel://');
  }
  return node;
}

function readNodes(hosts: string, defaultPort: number): RedisNode[] {
  return hosts.split(',').map((text) => {
    const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]]+))(?::(?<port>\d+))?$/.exec(text);
    const { v6, host = v6, port = String(defaultPort) } = match?.groups ?? {};
    if (host === undefined || Number(port) < 1 || Number(port) > 65535) {
      throw badAddress('has something else where host:port is wanted');
    }
    return { host, port: Number(port) };
  });
}

function readDb(path: string): Pick<RedisLogin, 'db'> {
  if (path === '' || path === '/') return {};
  if (!/^\/\d{1,4}$/.test(path))
    throw badAddress('has something else where a database number is wanted');
  return { db: Number(path.slice(1)) };
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
    throw badAddress('has a % that is no percent-encoding');
  }
}

function badAddress(what: string): LockstepError {
  return new LockstepError('bad-option', `the Redis address ${what}`, { remedy: REMEDY });
}
