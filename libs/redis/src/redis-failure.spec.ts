import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRedisAddress } from './redis-address.js';
import { classifyRedisFailure, RedisError, redisErrorFrom } from './redis-failure.js';
import { replies, transport, type RedisFailure } from './redis-states.js';

type Row = [text: string, state: string, outlook: RedisFailure['outlook'], code: string];

const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' });

const serverReplies: Row[] = [
  ['LOADING Redis is loading the dataset in memory', 'LOADING', 'passing', 'redis-not-ready'],
  ['BUSY Redis is busy running a script.', 'BUSY', 'passing', 'redis-not-ready'],
  ['UNKILLABLE Sorry the script already wrote', 'BUSY', 'passing', 'redis-not-ready'],
  ['TRYAGAIN Multiple keys request', 'TRYAGAIN', 'passing', 'redis-not-ready'],
  ['CLUSTERDOWN Hash slot not served', 'CLUSTERDOWN', 'passing', 'redis-not-ready'],
  ['MASTERDOWN Link with MASTER is down', 'MASTERDOWN', 'passing', 'redis-not-ready'],
  ["READONLY You can't write against a read only replica.", 'READONLY', 'brief', 'redis-refused'],
  ['UNBLOCKED force unblock from blocking operation', 'READONLY', 'brief', 'redis-refused'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM', 'passing', 'redis-not-ready'],
  ['MISCONF Redis is configured to save RDB', 'MISCONF', 'passing', 'redis-not-ready'],
  ['NOREPLICAS Not enough good replicas', 'NOREPLICAS', 'passing', 'redis-not-ready'],
  ['ERR max number of clients reached', 'MAXCLIENTS', 'passing', 'redis-not-ready'],
  ['no upstream host', 'NO-UPSTREAM', 'passing', 'redis-not-ready'],
  ['NOAUTH Authentication required.', 'WRONGPASS', 'lasting', 'redis-refused'],
  ['WRONGPASS invalid username-password pair', 'WRONGPASS', 'lasting', 'redis-refused'],
  ["NOPERM User has no permissions to run 'eval'", 'NOPERM', 'lasting', 'redis-refused'],
  ['DENIED Redis is running in protected mode', 'DENIED', 'lasting', 'redis-refused'],
  ['ERR DB index is out of range', 'NO-SUCH-DATABASE', 'lasting', 'redis-refused'],
  ['MOVED 3999 127.0.0.1:6381', 'MOVED', 'lasting', 'redis-refused'],
  ["ERR unknown command 'EVAL'", 'UNKNOWN-COMMAND', 'lasting', 'not-redis'],
  ['ERR an unknown reply', 'ERROR-REPLY', 'lasting', 'redis-refused'],
];

const failuresOnTheWay: Row[] = [
  ['getaddrinfo ENOTFOUND redis', 'DNS', 'passing', 'redis-unreachable'],
  ['getaddrinfo EAI_AGAIN redis', 'DNS', 'passing', 'redis-unreachable'],
  ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED', 'passing', 'redis-unreachable'],
  ['connect ENOENT /run/redis.sock', 'ECONNREFUSED', 'passing', 'redis-unreachable'],
  ['connect EACCES /run/redis.sock', 'EACCES', 'lasting', 'redis-refused'],
  ['connect EHOSTUNREACH 10.0.0.1:6379', 'NO-ROUTE', 'passing', 'redis-unreachable'],
  ['no answer in 500 ms', 'SILENT', 'passing', 'redis-unreachable'],
  ['Connection is closed.', 'CLOSED', 'passing', 'redis-unreachable'],
  ['error:0A00010B:SSL routines::wrong version number:', 'NO-TLS', 'lasting', 'not-redis'],
  ['self-signed certificate', 'CERTIFICATE', 'lasting', 'certificate-refused'],
  ['Unknown RESP type 72 "H".', 'HTTP', 'lasting', 'not-redis'],
  ['Unknown RESP type 21 "\u0015".', 'TLS', 'lasting', 'not-redis'],
  ['Unknown RESP type 103 "g".', 'NOT-REDIS', 'lasting', 'not-redis'],
  ['something else altogether', 'UNKNOWN', 'lasting', 'not-redis'],
];

describe('classifyRedisFailure', () => {
  it.each(serverReplies)('names the reply %s: %s, %s', (text, state, outlook, code) => {
    expect(classifyRedisFailure(reply(text))).toMatchObject({ state, outlook, code });
  });

  it.each(failuresOnTheWay)('names the failure %s: %s, %s', (text, state, outlook, code) => {
    expect(classifyRedisFailure(new Error(text))).toMatchObject({ state, outlook, code });
  });

  it('has an example of every state of the table', () => {
    const tried = [...serverReplies, ...failuresOnTheWay].map(([, state]) => state);
    for (const { state } of [...replies, ...transport]) expect(tried).toContain(state);
  });

  it('finds the state however deep it is wrapped', () => {
    const texts = fc.constantFrom(...serverReplies.filter(([, state]) => state !== 'ERROR-REPLY'));
    const wrap = fc.constantFrom('cause', 'previousErrors', 'lastNodeError', 'array');
    fc.assert(
      fc.property(texts, fc.array(wrap, { maxLength: 3 }), ([text, state], wraps) => {
        const wrapped = wraps.reduce<unknown>((inner, how) => {
          if (how === 'array') return [inner];
          const value = how === 'previousErrors' ? [inner] : inner;
          return Object.assign(new Error('failed'), { [how]: value });
        }, reply(text));
        expect(classifyRedisFailure(wrapped).state).toBe(state);
      }),
    );
  });

  it('gives every failure a state, a sentence and a remedy', () => {
    const thrown = fc.oneof(fc.anything(), fc.string().map(reply));
    fc.assert(
      fc.property(thrown, (error) => {
        const { state, says, remedy } = classifyRedisFailure(error);
        expect(state).not.toBe('');
        expect(says.length).toBeGreaterThan(5);
        expect(remedy.length).toBeGreaterThan(3);
      }),
    );
  });
});

describe('redisErrorFrom', () => {
  const address = parseRedisAddress('redis://me:Passw0rd@host:7000/2');

  it('names the server and the state, and no password', () => {
    const error = redisErrorFrom(reply('LOADING Redis is loading'), address);
    expect(error).toBeInstanceOf(RedisError);
    expect(error).toMatchObject({ code: 'redis-not-ready', exitCode: 1 });
    expect(error.message).toBe(
      'the Redis at redis://host:7000/2 is loading its data set (LOADING)',
    );
  });

  it('keeps an error that is named already', () => {
    const named = redisErrorFrom(new Error('no answer'), address);
    expect(redisErrorFrom(named, address)).toBe(named);
  });
});
