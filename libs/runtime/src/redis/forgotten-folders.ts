import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Prefix of the private folders of embedded Redis servers. */
export const FOLDER_PREFIX = 'lockstep-redis-';

/** Removes folders whose keeper no longer runs, because it was killed together with the run. */
export function sweepForgottenFolders(base: string): void {
  for (const name of readdirSync(base).filter((entry) => entry.startsWith(FOLDER_PREFIX))) {
    const folder = join(base, name);
    if (keeperIsGone(folder)) rmSync(folder, { recursive: true, force: true });
  }
}

/** A folder without a note of its keeper is just being created, or belongs to another user. */
function keeperIsGone(folder: string): boolean {
  try {
    process.kill(Number(readFileSync(join(folder, 'keeper.pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
