import { Signer } from '@fastify/cookie';
import { mintRoleToken } from '@lockstep/security';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEventFeed } from '../../event-feed.js';
import { createApp } from '../app.js';
import { startSide } from '../testing/side.js';
import { roleTokens } from '../testing/tokens.js';
import type { GuardedRoute } from './guard-app.js';
import { cookieName, sealSession } from './session-cookie.js';

/** What may be open: to add to it is to decide that nothing there is worth protecting. */
const OPEN = [
  'GET /*',
  'GET /api/session',
  'GET /healthz',
  'GET /readyz',
  'HEAD /*',
  'HEAD /api/session',
  'HEAD /healthz',
  'HEAD /readyz',
  'POST /api/login',
  'POST /api/logout',
];

async function everyRoute(): Promise<readonly GuardedRoute[]> {
  const { roles } = await roleTokens();
  const dashboard = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
  onTestFinished(() => rmSync(dashboard, { recursive: true }));
  writeFileSync(join(dashboard, 'index.html'), '<html></html>');
  const app = await createApp({
    feed: createEventFeed(Date.now),
    led: new Promise<never>(() => undefined),
    boundHost: '127.0.0.1',
    dashboard,
    access: { roles },
  });
  await app.close();
  return app.routes;
}

const named = ({ method, url }: GuardedRoute): string => `${method} ${url}`;
/** An address that the route answers at. */
const example = (url: string): string => url.replace(/:\w+/g, '1').replace('*', 'x');

describe('every route of the app', () => {
  it('is for those logged in, but for these', async () => {
    const routes = await everyRoute();
    expect(routes.length).toBeGreaterThan(20);
    const open = routes.filter(({ level }) => level === 'open').map(named);
    expect(open.sort()).toEqual(OPEN);
  });

  it('that changes anything is for admins', async () => {
    const safe = ['POST /api/predict'];
    for (const route of await everyRoute()) {
      const reads = ['GET', 'HEAD'].includes(route.method);
      if (!reads && !safe.includes(named(route)))
        expect(['admin', 'open'], named(route)).toContain(route.level);
    }
  });

  it('refuses whoever shows nothing, something wrong, or something that is over', async () => {
    const { admin, roles } = await roleTokens();
    const { url } = await startSide({ access: { roles } });
    const name = cookieName(new URL(url).host, false);
    const now = Date.now();
    const expired = sealSession(roles, 'admin', now - 8 * 86_400_000) ?? '';
    const forged = new Signer('a key of my own').sign(`admin.${now + 60_000}`);
    const viewers = sealSession(roles, 'viewer', now)?.replace(/^viewer/, 'admin') ?? '';
    const credentials: readonly (readonly [string, Record<string, string>])[] = [
      ['nothing', {}],
      ['a wrong token', { authorization: `Bearer ${mintRoleToken()}` }],
      ['an empty token', { authorization: 'Bearer ' }],
      ['another scheme', { authorization: `Basic ${admin}` }],
      ['the token as a cookie', { cookie: `${name}=${admin}` }],
      ['a session that is over', { cookie: `${name}=${expired}` }],
      ['a session signed by somebody else', { cookie: `${name}=${forged}` }],
      ['a viewer’s session that says admin', { cookie: `${name}=${viewers}` }],
    ];
    for (const route of await everyRoute()) {
      if (route.level === 'open') continue;
      for (const [what, headers] of credentials) {
        const asked = { method: route.method, headers };
        const { status } = await fetch(`${url}${example(route.url)}`, asked);
        expect(status, `${named(route)} with ${what}`).toBe(401);
      }
    }
  });

  it('that is for admins refuses a viewer, by token and by session', async () => {
    const { viewer, roles } = await roleTokens();
    const side = await startSide({ access: { roles } });
    const name = cookieName(new URL(side.url).host, false);
    const session = sealSession(roles, 'viewer', Date.now()) ?? '';
    for (const route of await everyRoute()) {
      if (route.level !== 'admin') continue;
      for (const headers of [
        { authorization: `Bearer ${viewer}` },
        { cookie: `${name}=${session}` },
      ]) {
        const asked = { method: route.method, headers: new Headers(headers) };
        const { status } = await fetch(`${side.url}${example(route.url)}`, asked);
        expect(status, named(route)).toBe(403);
      }
    }
    expect(side.collector.state.condition.state).not.toBe('paused');
    expect(side.stopping.signal.aborted).toBe(false);
  });
});
