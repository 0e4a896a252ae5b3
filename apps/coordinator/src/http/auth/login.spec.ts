import { describe, expect, it } from 'vitest';
import { mintRoleToken } from '@lockstep/security';
import { ask, post, problem, startSide } from '../testing/side.js';
import { roleTokens } from '../testing/tokens.js';

/** The cookie of an answer, as a browser would send it back. */
const cookieOf = (headers: Headers): string =>
  (headers.get('set-cookie') ?? '').split(';')[0] ?? '';

describe('logging in', () => {
  it('gives a cookie that scripts and other sites cannot use, and that opens what the role may', async () => {
    const { admin, viewer, roles } = await roleTokens();
    const { url } = await startSide({ access: { roles } });
    for (const [role, token, mayPause] of [
      ['admin', admin, 200],
      ['viewer', viewer, 403],
    ] as const) {
      const answer = await post(url, '/api/login', { token });
      expect(answer).toMatchObject({ status: 200, body: { role, loginRequired: true } });
      const set = answer.headers.get('set-cookie') ?? '';
      expect(set).toMatch(/HttpOnly/);
      expect(set).toMatch(/SameSite=Strict/);
      expect(set).not.toContain(token);
      const headers = { cookie: cookieOf(answer.headers) };
      expect(await ask(url, '/api/session', { headers })).toMatchObject({ body: { role } });
      expect(await ask(url, '/api/run', { headers })).toMatchObject({ status: 200 });
      const paused = await ask(url, '/api/run/pause', { method: 'POST', headers });
      expect(paused.status).toBe(mayPause);
    }
  });

  it('is marked for TLS alone where the browser speaks TLS', async () => {
    const { admin, roles } = await roleTokens();
    const { url } = await startSide({ access: { roles } });
    const { host } = new URL(url);
    const { headers } = await ask(url, '/api/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: `https://${host}` },
      body: JSON.stringify({ token: admin }),
    });
    expect(headers.get('set-cookie')).toMatch(/^__Host-lockstep-\d+=.*; Path=\/.*Secure/);
  });

  it('with a wrong token is refused, and after ten times a minute not looked at', async () => {
    const { admin, roles } = await roleTokens();
    const { url } = await startSide({ access: { roles } });
    for (let times = 0; times < 10; times++) {
      const { status, body, headers } = await post(url, '/api/login', { token: mintRoleToken() });
      expect(status).toBe(401);
      expect(body).toEqual(problem('login-required'));
      expect(headers.get('set-cookie')).toBeNull();
    }
    const { status, body, headers } = await post(url, '/api/login', { token: admin });
    expect(status).toBe(429);
    expect(body).toEqual(problem('too-many-requests'));
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('cannot be done by a page of another origin, nor anything else that changes something', async () => {
    const { admin, roles } = await roleTokens();
    const { url } = await startSide({ access: { roles } });
    const { headers } = await post(url, '/api/login', { token: admin });
    for (const path of ['/api/login', '/api/run/pause']) {
      const foreign = { origin: 'https://evil.example', cookie: cookieOf(headers) };
      const { status } = await ask(url, path, { method: 'POST', headers: foreign });
      expect(status).toBe(403);
    }
  });

  it('ends by logging out, and for everybody when the role’s token is replaced', async () => {
    const tokens = await roleTokens();
    const { url } = await startSide({ access: { roles: tokens.roles } });
    const { headers } = await post(url, '/api/login', { token: tokens.viewer });
    const viewers = { headers: { cookie: cookieOf(headers) } };
    const out = await ask(url, '/api/logout', { ...viewers, method: 'POST' });
    expect(cookieOf(out.headers)).toMatch(/=$/);
    tokens.replace('viewer');
    await tokens.roles.refresh();
    expect(await ask(url, '/api/run', viewers)).toMatchObject({ status: 401 });
    expect(await ask(url, '/api/session', viewers)).toMatchObject({ body: { role: null } });
    const admin = { headers: { authorization: `Bearer ${tokens.admin}` } };
    expect(await ask(url, '/api/run', admin)).toMatchObject({ status: 200 });
  });

  it('is not asked for where there are no tokens', async () => {
    const { url } = await startSide();
    const nobody = { role: 'admin', loginRequired: false };
    expect(await ask(url, '/api/session')).toMatchObject({ status: 200, body: nobody });
    expect(await post(url, '/api/login', { token: 'x' })).toMatchObject({ body: nobody });
    expect(await post(url, '/api/run/pause')).toMatchObject({ status: 200 });
  });
});

describe('every answer', () => {
  it('tells a browser to load nothing from elsewhere and to be in no frame', async () => {
    const { url } = await startSide();
    for (const path of ['/healthz', '/api/run', '/nothing']) {
      const { headers } = await ask(url, path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'self';img-src 'self' data:;object-src 'none';base-uri 'none';" +
          "form-action 'self';frame-ancestors 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });
});
