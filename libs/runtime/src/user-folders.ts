import { accessSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What decides where this user's files are kept. */
export interface UserCircumstances {
  /** `XDG_CACHE_HOME`. */
  readonly xdgCacheHome?: string | undefined;
  /** Of the user; undefined where the system knows none. */
  readonly home: string | undefined;
  /** The root of the clone. */
  readonly root: string;
  readonly temporary: string;
  readonly uid: number;
}

/** The circumstances of this process. */
export function userCircumstances(
  root: string,
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
  const fallbacks = [join(root, '.lockstep', 'home'), join(temporary, `lockstep-${uid}`)];
  if (xdgCacheHome && isAbsolute(xdgCacheHome) && canHold(xdgCacheHome)) return xdgCacheHome;
  if (home !== undefined && home !== '/' && canHold(home)) return join(home, '.cache');
  const [inClone = '', inTemporary = inClone] = fallbacks;
  return join(makePrivate(inClone, uid) ? inClone : inTemporary, '.cache');
}

/** Whether files can be written to the folder, or it can be made. */
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

/** Makes a folder unless it is there; false where it cannot be, or is another user's. */
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

/**
 * The folder for what a process needs only while it lives: `TMPDIR`, or the system's own where that
 * is no folder that can be written.
 */
export function temporaryFolder(wanted: string = tmpdir()): string {
  return [wanted, '/tmp', '/var/tmp'].find(isWritableFolder) ?? wanted;
}

/** Whether this user may make files in it. */
export function isWritableFolder(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
