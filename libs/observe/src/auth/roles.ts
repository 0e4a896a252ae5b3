import { createHmac } from 'node:crypto';
import type { ServerTls } from '@lockstep/core';
import { allAtOnce, readRoleToken, sameSecret, watchFile, type Role } from '@lockstep/security';
import { EndedSessions, type SessionId } from './ended-sessions.js';

/** Who may use the HTTP API, and its certificate; without one, HTTP is not encrypted. */
export interface HttpAccess {
  readonly tls?: ServerTls;
  readonly roles: Roles;
}

/** The roles of the HTTP API, by their tokens. */
export interface Roles {
  /** Whether a token is required; without tokens, every user is an admin. */
  readonly loginRequired: boolean;
  roleOf(token: string): Role | undefined;
  /**
   * The key that signs a role's sessions. It derives from the role's token alone: a session outlives
   * the coordinator but not its token, and reveals nothing about the other role's token.
   */
  sessionKey(role: Role): string | undefined;
  /** Whether a session was ended by logging out. */
  hasEnded(session: SessionId): boolean;
  /** Ends a session before it expires. */
  end(session: SessionId): Promise<void>;
  /** Reads changed token files again. @throws LockstepError, once per change */
  refresh(): Promise<void>;
}

/** Without tokens: every user is an admin. */
export const noLogin: Roles = {
  loginRequired: false,
  roleOf: () => 'admin',
  sessionKey: () => undefined,
  hasEnded: () => false,
  end: () => Promise.resolve(),
  refresh: () => Promise.resolve(),
};

/**
 * @param files of the roles' tokens
 * @param endedSessions path of the file of sessions that were ended; undefined: this process only
 * @throws LockstepError `credentials-unreadable`
 */
export async function openRoles(
  files: Readonly<Partial<Record<Role, string | undefined>>>,
  endedSessions?: string,
): Promise<Roles> {
  const open = async (role: Role) => {
    const path = files[role];
    if (path === undefined) return undefined;
    const what = `--${role}-token-file`;
    return { role, file: await watchFile(path, (each) => readRoleToken(each, what)) };
  };
  const both = await allAtOnce([open('admin'), open('viewer')]);
  const opened = both.filter((each) => each !== undefined);
  if (opened.length === 0) return noLogin;
  const ended = await EndedSessions.open(endedSessions);
  return {
    loginRequired: true,
    roleOf: (token) => {
      // Compares every token, whether or not an earlier one matched.
      const same = opened.filter(({ file }) => sameSecret(file.content, token));
      return same[0]?.role;
    },
    sessionKey: (role) => {
      const token = opened.find((each) => each.role === role)?.file.content;
      return token && createHmac('sha256', token).update('lockstep session').digest('hex');
    },
    hasEnded: ({ id }) => ended.has(id),
    end: (session) => ended.add(session),
    refresh: async () => void (await Promise.all(opened.map(({ file }) => file.refresh()))),
  };
}
