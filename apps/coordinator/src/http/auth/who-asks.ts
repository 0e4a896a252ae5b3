import { LockstepError } from '@lockstep/core';
import type { Role } from '@lockstep/security';
import type { FastifyRequest } from 'fastify';
import type { HttpAccess } from '../../access/open-access.js';
import { cookieName, openSession } from './session-cookie.js';

/**
 * Who a request comes from: by `Authorization: Bearer TOKEN`, else by a session's cookie. A token
 * that is wrong is an error even where the cookie is good.
 *
 * @returns undefined for whoever shows nothing, or a session that is over
 * @throws LockstepError `login-required` for a wrong token
 */
export function whoAsks({ roles }: HttpAccess, request: FastifyRequest): Role | undefined {
  if (!roles.loginRequired) return 'admin';
  const { authorization, host } = request.headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    const role = token === undefined ? undefined : roles.roleOf(token);
    if (role === undefined) throw loginRequired('the token is not one of this coordinator’s');
    return role;
  }
  const { cookies } = request;
  const value = cookies[cookieName(host, true)] ?? cookies[cookieName(host, false)];
  return value === undefined ? undefined : openSession(roles, value, Date.now());
}

/** Whether whoever asked would be let in now as well: a token may be replaced, a session be over. */
export function mayStillRead(access: HttpAccess, request: FastifyRequest): boolean {
  try {
    return whoAsks(access, request) !== undefined;
  } catch {
    return false;
  }
}

export function loginRequired(message: string): LockstepError {
  return new LockstepError('login-required', message, {
    remedy: 'log in on the page, or send the token: --token-file FILE, or Authorization: Bearer',
  });
}
