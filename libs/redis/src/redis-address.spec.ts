import { LockstepError } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeRedisAddress, parseRedisAddress, type RedisAddress } from './redis-address.js';

const server = (host: string, port: number, login: object = {}): RedisAddress => ({
  kind: 'server',
  node: { host, port },
  login,
});

describe('parseRedisAddress', () => {
  it.each<[string, RedisAddress]>([
    ['redis://localhost', server('localhost', 6379)],
    ['redis://10.0.0.7:7000', server('10.0.0.7', 7000)],
    ['redis://[::1]:7000/2', server('::1', 7000, { db: 2 })],
    ['rediss://cache.example/', server('cache.example', 6379, { tls: {} })],
    ['redis://:s%40cret@host', server('host', 6379, { password: 's@cret' })],
    ['redis://me:pw@host:1/0', server('host', 1, { username: 'me', password: 'pw', db: 0 })],
    ['/run/redis.sock', { kind: 'socket', path: '/run/redis.sock', login: {} }],
    ['unix:///run/my%20redis.sock', { kind: 'socket', path: '/run/my redis.sock', login: {} }],
    [
      'redis+unix://:pw@/run/redis.sock',
      { kind: 'socket', path: '/run/redis.sock', login: { password: 'pw' } },
    ],
    [
      'redis-sentinel://a:26379,b/main',
      {
        kind: 'sentinel',
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 26379 },
        ],
        masterName: 'main',
        login: {},
      },
    ],
    [
      'rediss-cluster://me:pw@a:1,b:2',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        login: { username: 'me', password: 'pw', tls: {} },
      },
    ],
  ])('reads %s', (text, address) => {
    expect(parseRedisAddress(text)).toEqual(address);
  });

  it.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://host:0',
    'redis://host:70000',
    'redis://host:port',
    'redis://host/cache',
    'redis://a,b',
    'redis://host?db=1',
    'redis://:%zz@host',
    'unix://relative.sock',
    'unix://',
    'redis-sentinel://a:1',
    'redis-cluster://a:1/2',
    'redis-cluster://a:1,,b:2',
  ])('refuses %j with what to write instead', (text) => {
    const failure = (() => {
      try {
        return parseRedisAddress(text);
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(LockstepError);
    expect(failure).toMatchObject({ code: 'bad-option' });
    expect((failure as LockstepError).remedy).toContain('redis://host:6379');
  });

  it.each([
    ['', 'is empty'],
    ['localhost:6379', 'has no scheme'],
    ['user:Passw0rd@host:6379', 'has no scheme'],
    ['redis://host :6379', 'contains a space'],
    ['http://localhost', 'unknown scheme'],
    ['redis://', 'has no host'],
    ['redis://:6379', 'without a host'],
    ['redis://host:0', 'port out of range'],
    ['redis://host:70000', 'port out of range'],
    ['redis://host:', 'port that is not a number'],
    ['redis://host:port', 'port that is not a number'],
    ['redis://::1:6379', 'in brackets'],
    ['redis://[::zz]:6379', 'no IPv6 address'],
    ['redis://host/cache', 'not a database number'],
    ['redis://host/-1', 'not a database number'],
    ['redis://host/99999999999', 'too large'],
    ['redis://a,b', 'several hosts'],
    ['redis://host?db=1', 'query'],
    ['redis://host#x', 'fragment'],
    ['redis://:%zz@host', '% that begins no percent-encoding'],
    ['redis://:pa@ss@host', 'not percent-encoded'],
    ['redis://:pa/ss@host', 'not percent-encoded'],
    ['unix://relative.sock', 'absolute path'],
    ['unix://', 'absolute path'],
    ['redis-sentinel://a:1', 'names no master'],
    ['redis-cluster://a:1/2', 'a cluster has only one'],
    ['redis-cluster://a:1,,b:2', 'without a host'],
  ])('says of %j that it %s, and of what it is the value', (text, what) => {
    const parse = (): RedisAddress => parseRedisAddress(text, 'REDIS_URL');
    expect(parse).toThrow(/^REDIS_URL /);
    expect(parse).toThrow(what);
  });

  it('takes a scheme in any case', () => {
    expect(parseRedisAddress('REDISS://host')).toEqual(server('host', 6379, { tls: {} }));
  });

  it('never prints a password of an invalid address', () => {
    const rest = fc.constantFrom(
      '@host',
      '@host:99999',
      '@a,b',
      '@host/x',
      '@',
      '@host?x=1',
      '',
      '/@host',
    );
    const scheme = fc.constantFrom('redis', 'rediss', 'unix', 'redis-cluster', 'http', 'REDIS');
    fc.assert(
      fc.property(scheme, rest, (name, tail) => {
        const text = `${name}://me:Passw0rd${tail}`;
        let said: string;
        try {
          said = describeRedisAddress(parseRedisAddress(text));
        } catch (error) {
          said = `${String(error)} ${(error as LockstepError).remedy}`;
        }
        expect(said).not.toContain('Passw0rd');
      }),
    );
  });
});

describe('describeRedisAddress', () => {
  it.each([
    ['redis://me:pw@host', 'redis://host:6379'],
    ['rediss://[::1]:1/3', 'rediss://[::1]:1/3'],
    ['/run/redis.sock', 'unix:///run/redis.sock'],
    ['redis-sentinel://:pw@a,b:1/main', 'redis-sentinel://a:26379,b:1/main'],
    ['redis-cluster://:pw@a,b:1', 'redis-cluster://a:6379,b:1'],
  ])('shows %s as %s', (text, shown) => {
    expect(describeRedisAddress(parseRedisAddress(text))).toBe(shown);
  });
});
