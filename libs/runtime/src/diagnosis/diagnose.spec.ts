import { afterEach, describe, expect, it } from 'vitest';
import { diagnoseNode } from './diagnose-machine.js';
import { diagnose } from './diagnose.js';
import type { Finding } from './finding.js';

afterEach(() => {
  delete process.env['REDIS_URL'];
  delete process.env['LOCKSTEP_BACKEND'];
});

const find = (findings: readonly Finding[], topic: string) =>
  findings.find((finding) => finding.topic === topic);

describe('diagnose', () => {
  it('covers the machine and adds what the caller checks; every problem has a remedy', async () => {
    const own: Finding = { topic: 'data', status: 'ok', detail: 'mnist' };
    const findings = await diagnose([() => Promise.resolve([own])]);
    const topics = findings.map(({ topic }) => topic);
    const expected = ['node', 'npm', 'cpu', 'memory', 'tensorflow', 'compiler', 'pip', 'redis'];
    expect(topics).toEqual(expect.arrayContaining([...expected, 'disk (runs)', 'data']));
    const silent = findings.filter(({ status, remedy }) => status !== 'ok' && !remedy);
    expect(silent).toEqual([]);
  });

  it('names the problem of REDIS_URL, without its password', async () => {
    process.env['REDIS_URL'] = 'redis://me:secret@127.0.0.1:1';
    const redis = find(await diagnose(), 'redis');
    expect(redis).toMatchObject({ status: 'problem' });
    expect(JSON.stringify(redis)).not.toContain('secret');
  });

  it('warns of a forced wasm backend', async () => {
    process.env['LOCKSTEP_BACKEND'] = 'wasm';
    expect(find(await diagnose(), 'tensorflow')).toMatchObject({
      status: 'warning',
      remedy: 'unset LOCKSTEP_BACKEND',
    });
  });
});

describe('diagnoseNode', () => {
  it('knows what is supported', () => {
    const versions = ['18.20.0', '20.0.0', '26.9.0', '27.0.0'];
    expect(versions.map((version) => diagnoseNode(version).status)).toEqual([
      'problem',
      'ok',
      'ok',
      'warning',
    ]);
  });
});
