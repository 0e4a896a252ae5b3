import { createHmac } from 'node:crypto';
import { allAtOnce, readRoleToken, sameSecret, watchFile, type Role } from '@lockstep/security';

/** Who may do what with the HTTP API. */
export interface Roles {
  /** Whether anybody has to say who they are: without tokens, everybody is an admin. */
  readonly loginRequired: boolean;
  roleOf(token: string): Role | undefined;
  /**
   * What a role's sessions are signed with. It comes from the role's token alone: a session outlives
   * the coordinator but not its token, and teaches a viewer nothing about the admin's.
   */
  sessionKey(role: Role): string | undefined;
  /** Reads the files again if they have changed. @throws LockstepError, once a change */
  refresh(): Promise<void>;
}

/** Everybody on this machine is trusted. */
export const everybodyIsAdmin: Roles = {
  loginRequired: false,
  roleOf: () => 'admin',
  sessionKey: () => undefined,
  refresh: () => Promise.resolve(),
};

/** @throws LockstepError `credentials-unreadable` */
export async function openRoles(
  files: Readonly<Partial<Record<Role, string | undefined>>>,
): Promise<Roles> {
  const open = async (role: Role) => {
    const path = files[role];
    if (path === undefined) return undefined;
    const what = `--${role}-token-file`;
    return { role, file: await watchFile(path, (each) => readRoleToken(each, what)) };
  };
  const both = await allAtOnce([open('admin'), open('viewer')]);
  const opened = both.filter((each) => each !== undefined);
  if (opened.length === 0) return everybodyIsAdmin;
  return {
    loginRequired: true,
    roleOf: (token) => {
      // Each is compared, whatever the one before it said.
      const same = opened.filter(({ file }) => sameSecret(file.content, token));
      return same[0]?.role;
    },
    sessionKey: (role) => {
      const token = opened.find((each) => each.role === role)?.file.content;
      return token && createHmac('sha256', token).update('lockstep session').digest('hex');
    },
    refresh: async () => void (await Promise.all(opened.map(({ file }) => file.refresh()))),
  };
}
