import { randomUUID } from 'node:crypto';
import { Signer } from '@fastify/cookie';
import { LockstepError } from '@lockstep/core';
import type { Role } from '@lockstep/security';
import type { FastifyRequest } from 'fastify';
import type { SessionId } from './ended-sessions.js';
import type { HttpAccess, Roles } from './roles.js';

/** A user who observes a long training logs in once a week. */
export const SESSION_MS = 7 * 86_400_000;

/** A session: the role of its user, its id and its expiry. */
export interface Session extends SessionId {
  readonly role: Role;
}

/** @returns the cookie's value: role, expiry and a new id, signed with the role's key */
export function sealSession(roles: Roles, role: Role, now: number): string | undefined {
  const key = roles.sessionKey(role);
  return key && new Signer(key).sign(`${role}.${now + SESSION_MS}.${randomUUID()}`);
}

/** @returns the session of a cookie's value; undefined for an invalid, expired or ended one */
export function openSession(roles: Roles, value: string, now: number): Session | undefined {
  const [, role, expiry, id] = /^(admin|viewer)\.(\d{1,16})\.([\w-]{36})\./.exec(value) ?? [];
  if ((role !== 'admin' && role !== 'viewer') || id === undefined) return undefined;
  const key = roles.sessionKey(role);
  const session = { role, id, until: Number(expiry) } as const;
  if (key === undefined || session.until <= now || roles.hasEnded(session)) return undefined;
  return new Signer(key).unsign(value).valid ? session : undefined;
}

/** The session of a request's cookie, if it has a valid one. */
export function sessionOf({ roles }: HttpAccess, request: FastifyRequest): Session | undefined {
  const { cookies, headers } = request;
  const value = cookies[cookieName(headers.host, true)] ?? cookies[cookieName(headers.host, false)];
  return value === undefined ? undefined : openSession(roles, value, Date.now());
}

/**
 * The cookie's name. Browsers keep cookies by host, not by port, so the name holds the port:
 * coordinators on one host do not overwrite each other's sessions.
 *
 * @param host the request's `Host`
 * @param secure whether the browser may send it over TLS only
 */
export function cookieName(host: string | undefined, secure: boolean): string {
  const [, port = 'web'] = /:(\d+)$/.exec(host ?? '') ?? [];
  return `${secure ? '__Host-' : ''}lockstep-${port}`;
}

/**
 * The role of a request: by `Authorization: Bearer TOKEN`, else by a session cookie. A wrong token
 * is an error even beside a valid cookie.
 *
 * @returns undefined for a request without credentials, or with an expired session
 * @throws LockstepError `login-required` for a wrong token
 */
export function roleOf(access: HttpAccess, request: FastifyRequest): Role | undefined {
  const { roles } = access;
  if (!roles.loginRequired) return 'admin';
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    const role = token === undefined ? undefined : roles.roleOf(token);
    if (role === undefined) throw loginRequired('the token is not one of this coordinator’s');
    return role;
  }
  return sessionOf(access, request)?.role;
}

/** Whether a request would be authorised now: tokens may be replaced, sessions expire. */
export function mayStillRead(access: HttpAccess, request: FastifyRequest): boolean {
  try {
    return roleOf(access, request) !== undefined;
  } catch {
    return false;
  }
}

export function loginRequired(message: string): LockstepError {
  return new LockstepError('login-required', message, {
    remedy: 'log in on the page, or send the token: --token-file FILE, or Authorization: Bearer',
  });
}
