import { describe, expect, it } from 'vitest';
import { mintRoleToken } from '@lockstep/security';
import { ask, post, problem, startServer } from '../testing/server.js';
import { roleTokens } from '../testing/tokens.js';
import { openSession } from './sessions.js';

/** The cookie of a response, as a browser would send it back. */
const cookieOf = (headers: Headers): string =>
  (headers.get('set-cookie') ?? '').split(';')[0] ?? '';

describe('a login', () => {
  it('sets a cookie that scripts and other sites cannot use, with the rights of the role', async () => {
    const { admin, viewer, roles } = await roleTokens();
    const { url } = await startServer({ access: { roles } });
    for (const [role, token, mayPause] of [
      ['admin', admin, 200],
      ['viewer', viewer, 403],
    ] as const) {
      const response = await post(url, '/api/login', { token });
      expect(response).toMatchObject({ status: 200, body: { role, loginRequired: true } });
      const set = response.headers.get('set-cookie') ?? '';
      expect(set).toMatch(/HttpOnly/);
      expect(set).toMatch(/SameSite=Strict/);
      expect(set).not.toContain(token);
      const headers = { cookie: cookieOf(response.headers) };
      expect(await ask(url, '/api/session', { headers })).toMatchObject({ body: { role } });
      expect(await ask(url, '/api/run', { headers })).toMatchObject({ status: 200 });
      const paused = await ask(url, '/api/run/pause', { method: 'POST', headers });
      expect(paused.status).toBe(mayPause);
    }
  });

  it('is secure where the browser uses TLS', async () => {
    const { admin, roles } = await roleTokens();
    const { url } = await startServer({ access: { roles } });
    const { host } = new URL(url);
    const { headers } = await ask(url, '/api/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: `https://${host}` },
      body: JSON.stringify({ token: admin }),
    });
    expect(headers.get('set-cookie')).toMatch(/^__Host-lockstep-\d+=.*; Path=\/.*Secure/);
  });

  it('with a wrong token is refused; after ten in a minute, any is', async () => {
    const { admin, roles } = await roleTokens();
    const { url } = await startServer({ access: { roles } });
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

  it('is refused from a page of another origin, as everything that changes something', async () => {
    const { admin, roles } = await roleTokens();
    const { url } = await startServer({ access: { roles } });
    const { headers } = await post(url, '/api/login', { token: admin });
    for (const path of ['/api/login', '/api/run/pause']) {
      const foreign = { origin: 'https://evil.example', cookie: cookieOf(headers) };
      const { status } = await ask(url, path, { method: 'POST', headers: foreign });
      expect(status).toBe(403);
    }
  });

  it('ends by logging out, and for all users of a role when its token is replaced', async () => {
    const tokens = await roleTokens();
    const { url } = await startServer({ access: { roles: tokens.roles } });
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

  it('ends on the server by logging out: a copy of its cookie is refused, also after a restart', async () => {
    const { admin, roles, reopen } = await roleTokens();
    const { url } = await startServer({ access: { roles } });
    const login = async () => {
      const { headers } = await post(url, '/api/login', { token: admin });
      return { cookie: cookieOf(headers) };
    };
    const [mine, others] = [await login(), await login()];
    expect(await ask(url, '/api/run', { headers: mine })).toMatchObject({ status: 200 });
    await ask(url, '/api/logout', { method: 'POST', headers: mine });
    expect(await ask(url, '/api/run', { headers: mine })).toMatchObject({ status: 401 });
    const session = await ask(url, '/api/session', { headers: mine });
    expect(session).toMatchObject({ body: { role: null } });
    const pause = { method: 'POST', headers: mine };
    expect(await ask(url, '/api/run/pause', pause)).toMatchObject({ status: 401 });
    expect(await ask(url, '/api/run', { headers: others })).toMatchObject({ status: 200 });

    const restarted = await reopen();
    const valueOf = ({ cookie }: { cookie: string }): string =>
      decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1));
    expect(openSession(restarted, valueOf(mine), Date.now())).toBeUndefined();
    expect(openSession(restarted, valueOf(others), Date.now())).toMatchObject({ role: 'admin' });
  });

  it('is not required without tokens', async () => {
    const { url } = await startServer();
    const admin = { role: 'admin', loginRequired: false };
    expect(await ask(url, '/api/session')).toMatchObject({ status: 200, body: admin });
    expect(await post(url, '/api/login', { token: 'x' })).toMatchObject({ body: admin });
    expect(await post(url, '/api/run/pause')).toMatchObject({ status: 200 });
  });
});

describe('every response', () => {
  it('forbids a browser foreign content and framing', async () => {
    const { url } = await startServer();
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
