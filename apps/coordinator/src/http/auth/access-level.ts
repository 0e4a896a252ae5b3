import type { Role } from '@lockstep/security';

/** What a route asks of whoever calls it; `open`: nothing. */
export type AccessLevel = 'open' | Role;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent: a viewer may read, only an admin may do anything else. */
    readonly access?: AccessLevel;
  }
}

/** What a route asks that says nothing itself, so that a new one is never open by mistake. */
export function levelOf(method: string, declared: AccessLevel | undefined): AccessLevel {
  return declared ?? (method === 'GET' || method === 'HEAD' ? 'viewer' : 'admin');
}

/** Whether a role suffices. */
export function suffices(role: Role | undefined, level: AccessLevel): boolean {
  return level === 'open' || role === 'admin' || role === level;
}
