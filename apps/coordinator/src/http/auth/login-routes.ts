import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import type { HttpAccess } from '../../access/open-access.js';
import type { TypedApp } from '../route-parts.js';
import { problem } from '../schemas.js';
import { loginRequest, sessionReport } from './schemas.js';
import { cookieName, sealSession, SESSION_MS } from './session-cookie.js';
import { loginRequired, whoAsks } from './who-asks.js';

const problems = { 400: problem, 401: problem, 403: problem, 429: problem };
/** Tokens cannot be guessed; this keeps the log and the processor free of those who try. */
const LOGINS = { max: 10, timeWindow: 60_000 };

/** Logging in and out, and who one is. */
export function addLoginRoutes(app: TypedApp, access: HttpAccess): void {
  const { roles } = access;
  const cookie = (request: FastifyRequest): { name: string; options: CookieSerializeOptions } => {
    const { host, origin } = request.headers;
    // A proxy may speak TLS to the browser where this coordinator does not.
    const secure = access.tls !== undefined || origin?.startsWith('https://') === true;
    const options = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
    return { name: cookieName(host, secure), options };
  };
  app.post(
    '/api/login',
    {
      config: { access: 'open', rateLimit: LOGINS },
      schema: {
        summary: 'begin a session, by a cookie that scripts cannot read',
        body: loginRequest,
        response: { 200: sessionReport, ...problems },
      },
    },
    (request, reply) => {
      const role = roles.roleOf(request.body.token);
      if (role === undefined) throw loginRequired('the token is not one of this coordinator’s');
      const value = sealSession(roles, role, Date.now());
      if (value !== undefined) {
        const { name, options } = cookie(request);
        void reply.setCookie(name, value, { ...options, maxAge: SESSION_MS / 1000 });
      }
      return { role, loginRequired: roles.loginRequired };
    },
  );
  app.post(
    '/api/logout',
    {
      config: { access: 'open' },
      schema: { summary: 'end the session', response: { 200: sessionReport, ...problems } },
    },
    (request, reply) => {
      const { name, options } = cookie(request);
      void reply.clearCookie(name, options);
      const role = roles.loginRequired ? null : 'admin';
      return { role, loginRequired: roles.loginRequired } as const;
    },
  );
  app.get(
    '/api/session',
    {
      config: { access: 'open' },
      schema: { summary: 'who one is', response: { 200: sessionReport, 401: problem } },
    },
    (request) => ({
      role: whoAsks(access, request) ?? null,
      loginRequired: roles.loginRequired,
    }),
  );
}
