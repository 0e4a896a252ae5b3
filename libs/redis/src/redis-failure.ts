import { LockstepError } from '@lockstep/core';
import { describeRedisAddress, type RedisAddress } from './redis-address.js';
import { replies, transport, type RedisFailure } from './redis-states.js';

const UNKNOWN: RedisFailure = {
  ...{ state: 'UNKNOWN', outlook: 'lasting', code: 'not-redis' },
  says: 'is not a usable Redis',
  remedy: 'check host and port; for TLS write rediss://',
};

/** Names the state that a failure of an ioredis client describes. */
export function classifyRedisFailure(error: unknown): RedisFailure {
  const texts = textsOf(error);
  const text = texts.join('\n');
  const named = (table: typeof replies) => table.find(({ pattern }) => pattern.test(text));
  // A connection closed after a reply was closed because of it.
  const found = named(replies) ?? (isReply(error) ? undefined : named(transport));
  if (found === undefined) return isReply(error) ? unknownReply(texts) : UNKNOWN;
  const { pattern: _, says, ...failure } = found;
  return { ...failure, says: withDetail(says, failure.state, texts) };
}

/** The Redis at an address cannot be used. The message contains no password. */
export class RedisError extends LockstepError {
  readonly failure: RedisFailure;

  constructor(failure: RedisFailure, address: RedisAddress, cause?: unknown) {
    const message = `the Redis at ${describeRedisAddress(address)} ${failure.says}`;
    super(failure.code, message, { remedy: failure.remedy, cause });
    this.failure = failure;
  }
}

/** @returns LockstepErrors unchanged */
export function redisErrorFrom(error: unknown, address: RedisAddress): LockstepError {
  if (error instanceof LockstepError) return error;
  return new RedisError(classifyRedisFailure(error), address, error);
}

/** Adds details to the table's text: the host, the certificate's problem, the missing right. */
function withDetail(says: string, state: string, texts: readonly string[]): string {
  const find = (pattern: RegExp): string | undefined =>
    texts.map((text) => pattern.exec(text)?.[1]).find((part) => part !== undefined);
  switch (state) {
    case 'NOPERM':
      return detailed(says, find(/(NOPERM [^\n]*)/));
    case 'UNKNOWN-COMMAND':
      return detailed(says, find(/(unknown (?:sub)?command '?`?"?[\w|]+)/i)?.replace(/['`"]/, ''));
    case 'CERTIFICATE':
      return detailed(says, find(/SSL routines:\w*:([^:]+):/) ?? find(/^(.*(?:certif|altn).*)$/i));
    case 'DNS':
    case 'ECONNREFUSED':
    case 'NO-ROUTE':
      return detailed(says, find(/((?:getaddrinfo|connect) E[A-Z_]+)/));
    case 'SILENT':
      return detailed(says, find(/(no answer (?:with)?in \d+ m?s)/));
    default:
      return says;
  }
}

function detailed(says: string, detail: string | undefined): string {
  return detail === undefined ? says : `${says}: ${detail}`;
}

function unknownReply([text = '']: readonly string[]): RedisFailure {
  const [first = ''] = text.split('\n');
  return {
    ...{ state: 'ERROR-REPLY', outlook: 'lasting', code: 'redis-refused' },
    says: `answers with an error: ${first.slice(0, 200)}`,
    remedy: 'check the log and configuration of Redis',
  };
}

/** Whether an error, or one of several, is a reply of the server. */
export function isReply(error: unknown): boolean {
  return [error].flat().some((each) => each instanceof Error && each.name === 'ReplyError');
}

const CAUSES = ['lastNodeError', 'previousErrors', 'errors', 'cause'] as const;
const DEEPEST = 4;

/** Code and message of an error and of the errors that it aggregates. */
function textsOf(error: unknown, depth = 0): string[] {
  if (Array.isArray(error)) return error.flatMap((each: unknown) => textsOf(each, depth));
  if (typeof error !== 'object' || error === null) return [String(error)];
  const fields: Readonly<Record<string, unknown>> = { ...error };
  const code = typeof fields['code'] === 'string' ? [fields['code']] : [];
  const own = error instanceof Error ? [error.message] : [];
  if (depth === DEEPEST) return [...own, ...code];
  const inner = CAUSES.flatMap((name) => {
    const value: unknown = Reflect.get(error, name);
    return value === undefined ? [] : textsOf(value, depth + 1);
  });
  return [...own, ...code, ...inner];
}
