import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { LockstepError } from '@lockstep/core';
import type { HttpAccess } from '../../access/open-access.js';
import type { TypedApp } from '../route-parts.js';
import { levelOf, suffices, type AccessLevel } from './access-level.js';
import { loginRequired, whoAsks } from './who-asks.js';

/** Fifty pages that open at once, behind one proxy, stay below this. */
const REQUESTS = { max: 6_000, timeWindow: 60_000 };

/** Everything that the page needs comes from here. */
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

/** A route as it was added, and what it asks for. */
export interface GuardedRoute {
  readonly method: string;
  readonly url: string;
  readonly level: AccessLevel;
}

/**
 * Stands before every route, those that are added later too: secure headers, a bound on how often one
 * address may ask, and the role that the route asks for.
 *
 * @returns the routes, as they are added
 */
export async function guardApp(
  app: TypedApp,
  access: HttpAccess,
): Promise<readonly GuardedRoute[]> {
  const routes: GuardedRoute[] = [];
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      routes.push({
        method,
        url: route.url,
        // What it asks for may still be said by whoever adds it.
        get level() {
          return levelOf(method, route.config?.access);
        },
      });
    }
  });
  await app.register(helmet, {
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    // It would bind every port of this host; this one speaks TLS alone anyway, or never.
    strictTransportSecurity: false,
  });
  await app.register(rateLimit, {
    ...REQUESTS,
    errorResponseBuilder: (_, { after }) => tooOften(after),
  });
  await app.register(cookie);
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) return done(); // there is nothing to protect
    const level = levelOf(request.method, request.routeOptions.config.access);
    if (level === 'open') return done();
    void reply.header('cache-control', 'no-store');
    const role = whoAsks(access, request);
    if (role === undefined) {
      void reply.header('www-authenticate', 'Bearer realm="lockstep"');
      throw loginRequired(`${request.method} ${request.routeOptions.url} is for those logged in`);
    }
    if (!suffices(role, level)) throw notAllowed();
    done();
  });
  return routes;
}

function notAllowed(): LockstepError {
  return new LockstepError('not-allowed', 'a viewer may look, but not change anything', {
    remedy: 'use the admin’s token',
  });
}

function tooOften(after: string): LockstepError {
  return new LockstepError('too-many-requests', 'too many requests came from this address', {
    remedy: `wait ${after}`,
  });
}
