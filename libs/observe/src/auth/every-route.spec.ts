import { randomUUID } from 'node:crypto';
import { Signer } from '@fastify/cookie';
import { mintRoleToken } from '@lockstep/security';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventFeed } from '../events/event-feed.js';
import { RunControl } from '../run/run-control.js';
import { createApp } from '../server/app.js';
import { CurrentRun } from '../server/current-run.js';
import { startServer } from '../testing/server.js';
import { roleTokens } from '../testing/tokens.js';
import type { GuardedRoute } from './guard.js';
import { cookieName, sealSession } from './sessions.js';

/** The open routes. Add one only where nothing needs protection. */
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
  const current = new CurrentRun(false);
  const app = await createApp({
    feed: new EventFeed(Date.now),
    ...{ current, control: new RunControl(current) },
    boundHost: '127.0.0.1',
    dashboard,
    access: { roles },
    onAdmitted: () => undefined,
  });
  await app.close();
  return app.routes;
}

const named = ({ method, url }: GuardedRoute): string => `${method} ${url}`;
/** A path of the route. */
const example = (url: string): string => url.replace(/:\w+/g, '1').replace('*', 'x');

describe('every route of the app', () => {
  it('requires a login, but for these', async () => {
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

  it('refuses missing, wrong and expired credentials', async () => {
    const { admin, roles } = await roleTokens();
    const { url } = await startServer({ access: { roles } });
    const name = cookieName(new URL(url).host, false);
    const now = Date.now();
    const expired = sealSession(roles, 'admin', now - 8 * 86_400_000) ?? '';
    const forged = new Signer('a key of my own').sign(`admin.${now + 60_000}.${randomUUID()}`);
    const viewers = sealSession(roles, 'viewer', now)?.replace(/^viewer/, 'admin') ?? '';
    const credentials: readonly (readonly [string, Record<string, string>])[] = [
      ['nothing', {}],
      ['a wrong token', { authorization: `Bearer ${mintRoleToken()}` }],
      ['an empty token', { authorization: 'Bearer ' }],
      ['another scheme', { authorization: `Basic ${admin}` }],
      ['the token as a cookie', { cookie: `${name}=${admin}` }],
      ['an expired session', { cookie: `${name}=${expired}` }],
      ['a session with a foreign signature', { cookie: `${name}=${forged}` }],
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

  it('for admins refuses a viewer, by token and by session', async () => {
    const { viewer, roles } = await roleTokens();
    const { url, run } = await startServer({ access: { roles } });
    const name = cookieName(new URL(url).host, false);
    const session = sealSession(roles, 'viewer', Date.now()) ?? '';
    for (const route of await everyRoute()) {
      if (route.level !== 'admin') continue;
      for (const headers of [
        { authorization: `Bearer ${viewer}` },
        { cookie: `${name}=${session}` },
      ]) {
        const asked = { method: route.method, headers: new Headers(headers) };
        const { status } = await fetch(`${url}${example(route.url)}`, asked);
        expect(status, named(route)).toBe(403);
      }
    }
    expect(run.status.condition.state).not.toBe('paused');
    expect(run.stopping).toBe(false);
  });
});
