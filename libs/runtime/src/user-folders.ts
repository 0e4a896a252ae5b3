import { accessSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The facts that determine the folders of this user's files. */
export interface UserCircumstances {
  /** `XDG_CACHE_HOME`. */
  readonly xdgCacheHome?: string | undefined;
  /** The user's home; undefined if the system knows none. */
  readonly home: string | undefined;
  /** The root of the clone; undefined where Lockstep is installed as a package. */
  readonly root: string | undefined;
  readonly temporary: string;
  readonly uid: number;
}

/** The facts of this process. */
export function userCircumstances(
  root: string | undefined,
  xdgCacheHome: string | undefined,
): UserCircumstances {
  return { xdgCacheHome, home: homeOrNone(), root, temporary: tmpdir(), uid: ownUid() };
}

/**
 * The folder of caches: `XDG_CACHE_HOME`, `~/.cache`, or, for a user without a home that can be
 * written (unknown to the system, or with `/` as a container runtime sets it), one in the clone's
 * `.lockstep`, or in the temporary folder where the clone is read-only.
 */
export function cacheBase({ xdgCacheHome, home, root, temporary, uid }: UserCircumstances): string {
  if (xdgCacheHome && isAbsolute(xdgCacheHome) && canHold(xdgCacheHome)) return xdgCacheHome;
  if (home !== undefined && home !== '/' && canHold(home)) return join(home, '.cache');
  const inClone = root === undefined ? undefined : join(root, '.lockstep', 'home');
  if (inClone !== undefined && makePrivate(inClone, uid)) return join(inClone, '.cache');
  return join(temporary, `lockstep-${uid}`, '.cache');
}

/** Whether the folder is writable or can be created. */
function canHold(folder: string): boolean {
  for (let at = folder; ; at = join(at, '..')) {
    try {
      const found = statSync(at);
      accessSync(at, constants.W_OK | constants.X_OK);
      return found.isDirectory();
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isMissing || at === join(at, '..')) return false;
    }
  }
}

/** Creates a folder unless it exists; false if it cannot be created, or belongs to another user. */
function makePrivate(folder: string, uid: number): boolean {
  try {
    for (const each of [join(folder, '..'), folder]) {
      if (lstatSync(each, { throwIfNoEntry: false }) === undefined) mkdirSync(each, 0o700);
    }
    accessSync(folder, constants.W_OK | constants.X_OK);
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === uid;
  } catch {
    return false;
  }
}

function homeOrNone(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined; // a user without an entry in the list of users, and no HOME
  }
}

function ownUid(): number {
  return process.getuid?.() ?? 0;
}

/** The folder for temporary files: `TMPDIR`, or the system's own if that is not writable. */
export function temporaryFolder(wanted: string = tmpdir()): string {
  return [wanted, '/tmp', '/var/tmp'].find(isWritableFolder) ?? wanted;
}

/** Whether this user may create files in it. */
export function isWritableFolder(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
