import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { HttpAccess } from './roles.js';
import type { TypedApp } from '../server/route-parts.js';
import { problem } from '../server/schemas.js';
import {
  cookieName,
  loginRequired,
  roleOf,
  sealSession,
  SESSION_MS,
  sessionOf,
} from './sessions.js';

const loginRequest = z.strictObject({ token: z.string().min(1).max(1_000) });

const sessionReport = z.object({
  role: z
    .enum(['viewer', 'admin'])
    .nullable()
    .meta({ description: 'null: not logged in. A viewer may read, an admin may control the run' }),
  loginRequired: z.boolean().meta({ description: 'false: every user is an admin' }),
});

const problems = { 400: problem, 401: problem, 403: problem, 429: problem };
/** Tokens cannot be guessed; this limits the load of attempts on log and processor. */
const LOGINS = { max: 10, timeWindow: 60_000 };

const routes = {
  login: {
    config: { access: 'open', rateLimit: LOGINS },
    schema: {
      summary: 'log in: sets a cookie that scripts cannot read',
      body: loginRequest,
      response: { 200: sessionReport, ...problems },
    },
  },
  logout: {
    config: { access: 'open' },
    schema: {
      summary: 'log out: ends the session for every copy of its cookie',
      response: { 200: sessionReport, ...problems },
    },
  },
  session: {
    config: { access: 'open' },
    schema: {
      summary: 'the role of this session',
      response: { 200: sessionReport, 401: problem },
    },
  },
} as const;

/** Login, logout, and the session's role. */
export function addLoginRoutes(app: TypedApp, access: HttpAccess): void {
  const { roles } = access;
  app.post('/api/login', routes.login, (request, reply) => {
    const role = roles.roleOf(request.body.token);
    if (role === undefined) throw loginRequired('the token is not one of this coordinator’s');
    const value = sealSession(roles, role, Date.now());
    if (value !== undefined) {
      const { name, options } = cookieFor(request, access);
      void reply.setCookie(name, value, { ...options, maxAge: SESSION_MS / 1000 });
    }
    return { role, loginRequired: roles.loginRequired };
  });
  app.post('/api/logout', routes.logout, async (request, reply) => {
    const session = sessionOf(access, request);
    if (session) await roles.end(session);
    const { name, options } = cookieFor(request, access);
    void reply.clearCookie(name, options);
    const role = roles.loginRequired ? null : 'admin';
    return { role, loginRequired: roles.loginRequired } as const;
  });
  app.get('/api/session', routes.session, (request) => ({
    role: roleOf(access, request) ?? null,
    loginRequired: roles.loginRequired,
  }));
}

function cookieFor(
  request: FastifyRequest,
  { tls }: HttpAccess,
): { name: string; options: CookieSerializeOptions } {
  const { host, origin } = request.headers;
  // A proxy may use TLS towards the browser where this coordinator does not.
  const secure = tls !== undefined || origin?.startsWith('https://') === true;
  const options = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
  return { name: cookieName(host, secure), options };
}
