import { hasEnded } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, post, problem, startServer } from '../testing/server.js';

describe('invalid requests', () => {
  it.each([
    ['not a number', { workers: 'many' }],
    ['a fraction', { workers: 1.5 }],
    ['a negative number', { workers: -1 }],
    ['more than any machine has', { workers: 1e9 }],
    ['an unknown field', { workers: 1, fast: true }],
    ['none', undefined],
    ['an array', []],
  ])('are refused: scale with %s', async (_, body) => {
    const { url } = await startServer({
      scaleTo: () => Promise.resolve(),
    });
    expect(await post(url, '/api/workers/scale', body)).toMatchObject({
      status: 400,
      body: problem('bad-request'),
    });
  });

  it('are refused: a body that is too long, not JSON, of another type', async () => {
    const { url } = await startServer();
    const send = (body: string, type: string) =>
      ask(url, '/api/workers/scale', { method: 'POST', headers: { 'content-type': type }, body });
    expect(await send('x'.repeat(20_000), 'application/json')).toMatchObject({
      status: 413,
      body: problem('bad-request'),
    });
    expect(await send('{', 'application/json')).toMatchObject({
      status: 400,
      body: problem('bad-request'),
    });
    expect(await send('<a/>', 'application/xml')).toMatchObject({
      status: 415,
      body: problem('bad-request'),
    });
  });

  it('are refused: an unknown path, a malformed one, a foreign page', async () => {
    const { url } = await startServer();
    expect(await ask(url, '/api/nothing')).toMatchObject({
      status: 404,
      body: problem('bad-request'),
    });
    expect(await ask(url, '/api/%zz')).toMatchObject({ status: 400, body: problem('bad-request') });
    expect(await ask(url, '/api/steps?points=1')).toMatchObject({ status: 400 });
    const headers = { origin: 'http://evil.example' };
    expect(await ask(url, '/api/run/stop', { method: 'POST', headers })).toMatchObject({
      status: 403,
      body: problem('origin-refused'),
    });
  });

  it('never break the server: any method, path, query, type and body', async () => {
    const { url, run } = await startServer({
      scaleTo: () => Promise.resolve(),
    });
    const known = [
      ...['/api/run', '/api/workers', '/api/steps', '/api/checkpoints', '/metrics'],
      ...['/api/runs', '/api/queue', '/api/alarms', '/api/trace', '/api/workers/w1/log'],
    ];
    const steering = ['/api/run/pause', '/api/run/resume', '/api/workers/scale'];
    const path = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...known, ...steering, '/api/openapi.json') },
      fc.webPath().map((any) => `/${any.replace(/^\/+/, '')}`),
      fc
        .string({ unit: 'binary-ascii' })
        .map((any) => `/api/${encodeURI(any).replaceAll('#', '')}`),
    );
    const query = fc.oneof(
      fc.constant(''),
      fc.webQueryParameters().map((any) => `?${any}`),
      fc
        .record({ from: fc.anything(), to: fc.anything(), points: fc.anything() })
        .map((any) => `?${new URLSearchParams(textOf(any)).toString()}`),
    );
    const body = fc.oneof(
      fc.constant(undefined),
      fc.json(),
      fc.anything().map((workers) => safeJson({ workers })),
      fc.string({ maxLength: 40_000 }),
    );
    const type = fc.constantFrom(
      'application/json',
      'text/plain',
      'a/b',
      '',
      'application/json; x',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'),
        ...[path, query, type],
        body,
        async (method, where, which, contentType, content) => {
          const takesBody = method !== 'GET' && method !== 'HEAD' && content !== undefined;
          const response = await fetch(`${url}${where}${which}`, {
            method,
            headers: takesBody ? { 'content-type': contentType } : {},
            ...(takesBody ? { body: content } : {}),
            signal: AbortSignal.timeout(10_000),
          });
          const text = await response.text();
          expect(response.status).toBeLessThan(500);
          if (response.status >= 400 && method !== 'HEAD') {
            const body = JSON.parse(text) as unknown;
            expect(body).toMatchObject(problem(expect.any(String) as string));
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(hasEnded(run.status.condition.state)).toBe(false);
  }, 90_000);
});

function textOf(record: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, safeJson(value)]));
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return '[';
  }
}
