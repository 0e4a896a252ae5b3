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
  const roles = await openRoles({ admin: path('admin'), viewer: path('viewer') });
  return { admin, viewer, roles, replace };
}
