import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { LockstepError } from '@lockstep/core';
import type { Role } from '@lockstep/security';
import type { HttpAccess } from './roles.js';
import type { OnAdmitted } from '../server/http-listener.js';
import type { TypedApp } from '../server/route-parts.js';
import { loginRequired, roleOf } from './sessions.js';

/** The role that a route requires; `open`: none. */
export type AccessLevel = 'open' | Role;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent: a viewer may read, only an admin may do anything else. */
    readonly access?: AccessLevel;
  }
}

/** Fifty pages that open at once, behind one proxy, stay below this. */
const REQUESTS = { max: 6_000, timeWindow: 60_000 };

/** The page loads everything from this server. */
const SELF = ["'self'"];
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: SELF,
    imgSrc: [...SELF, 'data:'],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: SELF,
    frameAncestors: ["'none'"],
  },
};

/** A route and the role that it requires. */
export interface GuardedRoute {
  readonly method: string;
  readonly url: string;
  readonly level: AccessLevel;
}

/**
 * Guards every route, including those added later: security headers, a rate limit per address, which
 * counts every request before anything else is done for it, and the role that the route requires.
 *
 * @param onAdmitted called for each request whose sender has proved a role
 * @returns the routes, as they are added
 */
export async function guardApp(
  app: TypedApp,
  access: HttpAccess,
  onAdmitted: OnAdmitted,
): Promise<readonly GuardedRoute[]> {
  const routes = noteRoutes(app);
  await app.register(helmet, {
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    // It would bind every port of this host, those without TLS as well.
    strictTransportSecurity: false,
  });
  await limitRequests(app);
  await app.register(cookie);
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) return done(); // there is nothing to protect
    const level = levelOf(request.method, request.routeOptions.config.access);
    if (level === 'open') return done();
    void reply.header('cache-control', 'no-store');
    const role = roleOf(access, request);
    if (role === undefined) {
      void reply.header('www-authenticate', 'Bearer realm="lockstep"');
      throw loginRequired(`${request.method} ${request.routeOptions.url} requires a login`);
    }
    onAdmitted(request.socket);
    if (!suffices(role, level)) throw notAllowed();
    done();
  });
  return routes;
}

/** @returns the routes, as they are added */
function noteRoutes(app: TypedApp): readonly GuardedRoute[] {
  const routes: GuardedRoute[] = [];
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      routes.push({
        method,
        url: route.url,
        // Read late: a later `onRoute` hook may still set the level.
        get level() {
          return levelOf(method, route.config?.access);
        },
      });
    }
  });
  return routes;
}

async function limitRequests(app: TypedApp): Promise<void> {
  await app.register(rateLimit, {
    ...REQUESTS,
    // By default it limits routes only, after the guard's hook: not requests with a wrong token, nor
    // paths that do not exist.
    global: false,
    errorResponseBuilder: (_, { after }) => tooManyRequests(after),
  });
  const count = app.createRateLimit();
  app.addHook('onRequest', async (request, reply) => {
    const counted = await count(request);
    if (counted.isAllowed || !counted.isExceeded) return;
    void reply.header('retry-after', counted.ttlInSeconds);
    throw tooManyRequests(`${counted.ttlInSeconds} s`);
  });
}

/** The level of a route; one that declares none is never open by mistake. */
function levelOf(method: string, declared: AccessLevel | undefined): AccessLevel {
  return declared ?? (method === 'GET' || method === 'HEAD' ? 'viewer' : 'admin');
}

function suffices(role: Role, required: Role): boolean {
  return role === 'admin' || role === required;
}

function notAllowed(): LockstepError {
  return new LockstepError('not-allowed', 'a viewer may read, but not change anything', {
    remedy: 'use the admin’s token',
  });
}

function tooManyRequests(after: string): LockstepError {
  return new LockstepError('too-many-requests', 'too many requests came from this address', {
    remedy: `wait ${after}`,
  });
}
