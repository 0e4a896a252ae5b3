import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** How every embedded Redis's private folder begins. */
export const FOLDER_PREFIX = 'lockstep-redis-';

/** Removes folders whose keeper is gone: it and the run were killed at the same moment. */
export function sweepForgottenFolders(base: string): void {
  for (const name of readdirSync(base).filter((entry) => entry.startsWith(FOLDER_PREFIX))) {
    const folder = join(base, name);
    if (keeperIsGone(folder)) rmSync(folder, { recursive: true, force: true });
  }
}

/** A folder without a note of its keeper is being made at this moment, or is another user's. */
function keeperIsGone(folder: string): boolean {
  try {
    process.kill(Number(readFileSync(join(folder, 'keeper.pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
