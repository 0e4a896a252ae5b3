import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isPackage, tfjsNodeFolder, userCacheFolder } from '../folders.js';
import { runProgram } from '../programs.js';
import { machineName, WHEEL_TENSORFLOW } from './wheel.js';

/** The Node-API version of the addon: the newest that tfjs-node 4.22 knows; Node ≥ 20 has it. */
export const NODE_API_VERSION = 8;

/**
 * The folder in which the addon is placed, with TensorFlow's libraries: that of tfjs-node in a clone;
 * for a package one in the user's cache, since what npm installed stays as it is.
 */
export function nativeFolder(): string {
  if (!isPackage()) return tfjsNodeFolder();
  return join(
    userCacheFolder(),
    'set-up',
    `native-tensorflow-${WHEEL_TENSORFLOW}-${machineName()}`,
  );
}

/** The path of the native addon, relative to which it locates the libraries. */
export function addonPath(): string {
  return join(nativeFolder(), 'lib', `napi-v${NODE_API_VERSION}`, 'tfjs_binding.node');
}

/** The folder in which the addon expects TensorFlow's libraries. */
function librariesPath(): string {
  return join(nativeFolder(), 'deps', 'lib');
}

/** The state of the addon's path, without loading it. */
export type AddonState =
  | { readonly kind: 'absent' }
  /** The package's own download: real files. */
  | { readonly kind: 'own-files' }
  /** Linked to libraries elsewhere, by `putInPlace` or manually. */
  | { readonly kind: 'linked'; readonly libraryFolder: string };

export function addonState(): AddonState {
  if (!existsSync(addonPath()) || !existsSync(librariesPath())) return { kind: 'absent' };
  if (isLink(librariesPath())) {
    return { kind: 'linked', libraryFolder: readlinkSync(librariesPath()) };
  }
  const parents = [dirname(librariesPath()), dirname(addonPath())];
  const link = parents.find(isLink);
  return link === undefined
    ? { kind: 'own-files' }
    : { kind: 'linked', libraryFolder: readlinkSync(link) };
}

/**
 * Puts an addon built for the libraries in `libraryFolder` where it is loaded from. The addon
 * is copied, since it locates the libraries relative to itself; the libraries, 850 MB, are linked.
 */
export function putInPlace(addon: string, libraryFolder: string): void {
  for (const path of [librariesPath(), addonPath()]) {
    if (isLink(dirname(path))) rmSync(dirname(path));
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path) && !isLink(path)) rmSync(path, { recursive: true });
  }
  const temporary = (path: string): string => `${path}.${process.pid}`;
  symlinkSync(libraryFolder, temporary(librariesPath()));
  renameSync(temporary(librariesPath()), librariesPath());
  copyFileSync(addon, temporary(addonPath()));
  renameSync(temporary(addonPath()), addonPath());
}

/** Removes addon and libraries; for links, only the links. */
export function removeAddon(): void {
  for (const name of ['lib', 'deps']) {
    rmSync(join(nativeFolder(), name), { recursive: true, force: true });
  }
}

export type AddonProof =
  { readonly ok: true; readonly version: string } | { readonly ok: false; readonly reason: string };

/** Loads the addon in a child process, which may crash. @returns TensorFlow's version */
export async function proveAddon(): Promise<AddonProof> {
  const script = 'process.stdout.write(require(process.argv[1]).TF_Version)';
  const result = await runProgram(process.execPath, ['-e', script, addonPath()], {
    timeoutMs: 60_000,
    environment: { TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  return result.ok
    ? { ok: true, version: result.stdout }
    : { ok: false, reason: `the addon does not load: ${result.lastLine}` };
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
