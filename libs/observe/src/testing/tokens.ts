import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mintRoleToken } from '@lockstep/security';
import { onTestFinished } from 'vitest';
import { openRoles, type Roles } from '../auth/roles.js';

/** An admin's and a viewer's token, in files. */
export async function roleTokens(): Promise<{
  readonly admin: string;
  readonly viewer: string;
  readonly roles: Roles;
  /** Puts another token into a role's file. */
  replace(role: 'admin' | 'viewer'): string;
  /** The roles as a coordinator that starts again reads them. */
  reopen(): Promise<Roles>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-roles-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = (role: string): string => join(folder, `${role}.token`);
  const replace = (role: string): string => {
    const token = mintRoleToken();
    writeFileSync(path(role), `${token}\n`);
    return token;
  };
  const [admin, viewer] = [replace('admin'), replace('viewer')];
  const files = { admin: path('admin'), viewer: path('viewer') };
  const reopen = (): Promise<Roles> => openRoles(files, path('ended'));
  return { admin, viewer, roles: await reopen(), replace, reopen };
}
