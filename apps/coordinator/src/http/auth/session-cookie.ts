import { Signer } from '@fastify/cookie';
import type { Role } from '@lockstep/security';
import type { Roles } from '../../access/roles.js';

/** A person who watches a long training logs in once a week. */
export const SESSION_MS = 7 * 86_400_000;

/** @returns the cookie's value: who it is until when, signed with the role's key */
export function sealSession(roles: Roles, role: Role, now: number): string | undefined {
  const key = roles.sessionKey(role);
  return key && new Signer(key).sign(`${role}.${now + SESSION_MS}`);
}

/** @returns whose session a cookie's value is, if it is a good one */
export function openSession(roles: Roles, value: string, now: number): Role | undefined {
  const [, role, until] = /^(admin|viewer)\.(\d{1,16})\./.exec(value) ?? [];
  if (role !== 'admin' && role !== 'viewer') return undefined;
  const key = roles.sessionKey(role);
  if (key === undefined || Number(until) <= now) return undefined;
  return new Signer(key).unsign(value).valid ? role : undefined;
}

/**
 * A cookie belongs to a host, whatever the port: coordinators that are reached by ports of one host
 * have cookies of their own.
 *
 * @param host the request's `Host`
 * @param secure whether the browser is to send it over TLS alone
 */
export function cookieName(host: string | undefined, secure: boolean): string {
  const [, port = 'web'] = /:(\d+)$/.exec(host ?? '') ?? [];
  return `${secure ? '__Host-' : ''}lockstep-${port}`;
}
