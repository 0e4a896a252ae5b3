import { LockstepError } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { checkExposure, type Exposure } from './access-options.js';

const local = { grpc: '127.0.0.1:0', http: '127.0.0.1:0' };
const tls = { tlsCert: 'c', tlsKey: 'k' };
const guarded = { ...tls, joinTokens: 'j', adminTokenFile: 'a' };

/** The flags that are named as missing. */
function missing(exposure: Exposure): readonly string[] {
  try {
    checkExposure(exposure);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(LockstepError);
    expect(error).toMatchObject({ code: 'insecure-address', exitCode: 2 });
    const { message, remedy } = error as LockstepError;
    expect(remedy).toContain('--insecure');
    return message.split('\n').map((line) => line.replace(/^--(\w+) .*: --([\w-]+).*$/, '$1 $2'));
  }
}

describe('listening', () => {
  it.each<[Exposure]>([
    [local],
    [{ grpc: 'localhost:1' }],
    [{ grpc: '[::1]:1', http: '127.9.9.9:80' }],
    [{ grpc: '0.0.0.0:1', http: '[::]:2', ...guarded }],
    [{ grpc: '0.0.0.0:1', ...tls, joinTokens: 'j' }],
    [{ ...local, http: '10.0.0.1:2', ...tls, viewerTokenFile: 'v' }],
    [{ grpc: '0.0.0.0:1', http: '0.0.0.0:2', insecure: true }],
    [{ grpc: '0.0.0.0:1', ownWorkers: true, insecure: true }],
  ])('on %j is fine', (exposure) => {
    expect(missing(exposure)).toEqual([]);
  });

  it.each<[Exposure, readonly string[]]>([
    [{ grpc: '0.0.0.0:1' }, ['grpc tls-cert', 'grpc join-tokens']],
    [{ grpc: '[::]:1', ...tls }, ['grpc join-tokens']],
    [{ grpc: 'node-1:1', joinTokens: 'j', insecure: false }, ['grpc tls-cert']],
    [{ ...local, http: '192.168.0.1:2' }, ['http tls-cert', 'http admin-token-file']],
    [{ ...local, http: '0.0.0.0:2', adminTokenFile: 'a' }, ['http tls-cert']],
    [{ ...local, http: '127.0.0.1.example:2', ...tls }, ['http admin-token-file']],
  ])('on %j is refused', (exposure, flags) => {
    expect(missing(exposure)).toEqual(flags);
  });

  it('lets a run with workers of its own be joined from elsewhere only by insisting', () => {
    expect(missing({ grpc: '0.0.0.0:1', ownWorkers: true, ...guarded })).toHaveLength(1);
  });
});
