import type { ErrorCode } from '@lockstep/core';

/**
 * How long a failure lasts: `passing` ends without a change of settings, so processes wait for it;
 * `brief` ends within seconds (a failover) or never; `lasting` ends only when a setting changes.
 */
export type Outlook = 'passing' | 'brief' | 'lasting';

/** A named state in which Redis cannot be used. */
export interface RedisFailure {
  /** Name of the state: the error code of the reply, if any. */
  readonly state: string;
  readonly outlook: Outlook;
  readonly code: Extract<
    ErrorCode,
    'redis-unreachable' | 'redis-not-ready' | 'redis-refused' | 'not-redis' | 'certificate-refused'
  >;
  /** The predicate of a sentence whose subject is the Redis at its address. */
  readonly says: string;
  readonly remedy: string;
}

/** A state, and a pattern that recognises its failures. */
export type RedisState = RedisFailure & { readonly pattern: RegExp };

const reply = (
  pattern: RegExp,
  state: string,
  outlook: Outlook,
  says: string,
  remedy: string,
): RedisState => ({
  ...{ pattern, state, outlook, says, remedy },
  code: outlook === 'passing' ? 'redis-not-ready' : 'redis-refused',
});

const WAIT = 'wait; check the log of Redis if it lasts';
const CHECK_ADDRESS = 'check host and port; for TLS write rediss://';
const START_IT = 'start it, correct the address, or leave it out to use an embedded Redis';
const LOGIN = 'name the user in the address, redis://user@host, and give --redis-password-file';
const USE_CLUSTER = 'write redis-cluster://host:port,host:port';

/** Replies of a server, by their error code; the first match counts. */
export const replies: readonly RedisState[] = [
  reply(/\bLOADING\b/, 'LOADING', 'passing', 'is loading its data set (LOADING)', WAIT),
  reply(
    /\b(BUSY|UNKILLABLE)\b/,
    'BUSY',
    'passing',
    'is running a script and takes no command (BUSY)',
    'wait, or end the script with SCRIPT KILL',
  ),
  reply(/\bTRYAGAIN\b/, 'TRYAGAIN', 'passing', 'is moving a slot of its cluster (TRYAGAIN)', WAIT),
  reply(
    /\bCLUSTERDOWN\b/,
    'CLUSTERDOWN',
    'passing',
    'belongs to a cluster that is down (CLUSTERDOWN)',
    'bring the missing nodes of the cluster back, or assign its missing slots',
  ),
  reply(
    /\bMASTERDOWN\b/,
    'MASTERDOWN',
    'passing',
    'is a replica that has lost its primary (MASTERDOWN)',
    'bring the primary back, or give its address',
  ),
  reply(
    /\b(READONLY|UNBLOCKED)\b/,
    'READONLY',
    'brief',
    'is a read-only replica (READONLY)',
    'give the address of the primary, or redis-sentinel:// for one that changes',
  ),
  reply(
    /\bOOM\b/,
    'OOM',
    'passing',
    'has reached its maxmemory and takes no writes (OOM)',
    'free memory there, or raise maxmemory',
  ),
  reply(
    /\bMISCONF\b/,
    'MISCONF',
    'passing',
    'cannot save its data and takes no writes (MISCONF)',
    'free disk space there; the log of Redis names the failure',
  ),
  reply(
    /\bNOREPLICAS\b/,
    'NOREPLICAS',
    'passing',
    'has too few replicas in sync and takes no writes (NOREPLICAS)',
    'bring the replicas back, or lower min-replicas-to-write',
  ),
  reply(
    /max number of clients|max number of cluster connections/i,
    'MAXCLIENTS',
    'passing',
    'has reached its maximum number of clients',
    'close other connections, or raise maxclients',
  ),
  reply(
    /no upstream host|upstream (failure|disconnected)|no healthy upstream/i,
    'NO-UPSTREAM',
    'passing',
    'is a proxy without a server behind it',
    'start the server behind the proxy',
  ),
  reply(
    /\bNOPERM\b/,
    'NOPERM',
    'lasting',
    'does not let its user do what is needed',
    'give the user the rights that docs/security.md names',
  ),
  reply(
    /WRONGPASS|NOAUTH|invalid password|without any password/i,
    'WRONGPASS',
    'lasting',
    'refuses the user or password',
    LOGIN,
  ),
  reply(
    /\bDENIED\b/,
    'DENIED',
    'lasting',
    'is in protected mode and takes connections from its own machine alone (DENIED)',
    'give it a password or a user, and this process that login',
  ),
  reply(
    /DB index is out of range|invalid DB index|SELECT is not allowed/i,
    'NO-SUCH-DATABASE',
    'lasting',
    'has no database of that number',
    'correct the number at the end of the address, or raise databases in its configuration',
  ),
  reply(
    /\b(MOVED|ASK) \d+ |\bCROSSSLOT\b/,
    'MOVED',
    'lasting',
    'is one node of a cluster (MOVED)',
    USE_CLUSTER,
  ),
  {
    ...{ pattern: /unknown command|unknown subcommand|Unsupported command/i },
    ...{ state: 'UNKNOWN-COMMAND', outlook: 'lasting', code: 'not-redis' },
    says: 'lacks a command that is needed',
    remedy: 'use Redis 6.2 or newer, or Valkey',
  },
];

/** Failures of the connection, without a reply. */
export const transport: readonly RedisState[] = [
  {
    pattern: /wrong version number|packet length too long|tls_validate_record_header|http request/i,
    ...{ state: 'NO-TLS', outlook: 'lasting', code: 'not-redis' },
    says: 'does not speak TLS',
    remedy: 'check host and port; without TLS write redis://',
  },
  {
    pattern: /certificate|altnames|SSL routines|\balert\b|SELF_SIGNED|UNABLE_TO_/i,
    ...{ state: 'CERTIFICATE', outlook: 'lasting', code: 'certificate-refused' },
    says: 'offers no secure connection',
    remedy:
      '--redis-ca must hold the authority of its certificate, which must name the host; where it ' +
      'asks for one, --tls-cert and --tls-key are shown',
  },
  {
    pattern: /Unknown RESP type 72\b/,
    ...{ state: 'HTTP', outlook: 'lasting', code: 'not-redis' },
    says: 'is not Redis: it answers HTTP',
    remedy: CHECK_ADDRESS,
  },
  {
    pattern: /Unknown RESP type 21\b|answers a TLS handshake/,
    ...{ state: 'TLS', outlook: 'lasting', code: 'not-redis' },
    says: 'is not a Redis without encryption: it answers TLS',
    remedy: CHECK_ADDRESS,
  },
  {
    pattern: /Unknown RESP type|Protocol error/,
    ...{ state: 'NOT-REDIS', outlook: 'lasting', code: 'not-redis' },
    says: 'is not Redis',
    remedy: CHECK_ADDRESS,
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN|EAI_NODATA/,
    ...{ state: 'DNS', outlook: 'passing', code: 'redis-unreachable' },
    says: 'has a host name that does not resolve',
    remedy: 'check the host name',
  },
  {
    pattern: /\b(EACCES|EPERM)\b/,
    ...{ state: 'EACCES', outlook: 'lasting', code: 'redis-refused' },
    says: 'may not be opened by this user',
    remedy: 'give this user the right to open the socket (unixsocketperm)',
  },
  {
    pattern: /ECONNREFUSED|ENOENT/,
    ...{ state: 'ECONNREFUSED', outlook: 'passing', code: 'redis-unreachable' },
    says: 'does not accept connections',
    remedy: START_IT,
  },
  {
    pattern: /connect ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL/,
    ...{ state: 'NO-ROUTE', outlook: 'passing', code: 'redis-unreachable' },
    says: 'cannot be reached over the network',
    remedy: 'check host, port, routes and firewalls',
  },
  {
    pattern: /no answer|timed out|ETIMEDOUT/i,
    ...{ state: 'SILENT', outlook: 'passing', code: 'redis-unreachable' },
    says: 'does not answer',
    remedy: CHECK_ADDRESS,
  },
  {
    pattern:
      /Connection is closed|ECONNRESET|EPIPE|socket hang up|disconnected before|isn't (writ|ready)|max retries per request|sentinels are unreachable|refresh slots cache|startup nodes/i,
    ...{ state: 'CLOSED', outlook: 'passing', code: 'redis-unreachable' },
    says: 'closes the connection',
    remedy: CHECK_ADDRESS,
  },
];
