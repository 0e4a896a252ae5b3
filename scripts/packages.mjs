import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnvironment } from './environment.mjs';
import { mustBeWritable, readStamp, root, run, say, SetUpError, writeStamp } from './steps.mjs';

const STAMP = 'packages';
const WANTED = 'package-lock.json';
/** npm's own record of the installed packages. */
const INSTALLED = join('node_modules', '.package-lock.json');

/**
 * Set-up needs all packages of the lock, including development packages, in npm's default layout.
 * Options on the command line override the user's environment and `.npmrc`.
 */
const INSTALL = [
  'ci',
  '--include=dev',
  '--include=optional',
  '--include=peer',
  '--ignore-scripts',
  '--package-lock',
  '--bin-links',
  '--install-strategy=hoisted',
  '--no-global',
  '--no-dry-run',
  '--no-engine-strict',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
];

/**
 * Installs the packages of package-lock.json, without install scripts, unless they are installed
 * already.
 */
export async function ensurePackages() {
  const wanted = packagesOf(WANTED) ?? {};
  if (readStamp(STAMP) === bothLocks() && missingFolder(wanted) === undefined) return;
  const reason = whyInstall(wanted);
  if (reason !== undefined) {
    mustBeWritable(reason);
    say(`npm ci (${reason}) …`);
    await run('npm', INSTALL, toolEnvironment());
    await wireHooks();
  }
  writeStamp(STAMP, bothLocks());
}

/** Size and time of both locks, as the key of their comparison. */
function bothLocks() {
  const state = (file) => statSync(join(root, file), { throwIfNoEntry: false });
  return [WANTED, INSTALLED]
    .map((file) => `${state(file)?.size} ${state(file)?.mtimeMs}`)
    .join(' ');
}

/** The first difference between the lock and npm's record; undefined if there is none. */
function whyInstall(wanted) {
  const installed = packagesOf(INSTALLED);
  if (installed === undefined) return 'nothing is installed';
  for (const [path, { version, resolved }] of needed(wanted)) {
    const have = installed[path];
    if (have?.version !== version || have?.resolved !== resolved) {
      return `${nameOf(path)} is missing or another version`;
    }
  }
  return missingFolder(wanted);
}

/** npm's record may remain after an interrupted installation or a deleted folder. */
function missingFolder(wanted) {
  const missing = needed(wanted).find(([path]) => !existsSync(join(root, path, 'package.json')));
  return missing && `${nameOf(missing[0])} is missing`;
}

/** The required packages, including optional ones for this machine. */
function needed(wanted) {
  return Object.entries(wanted).filter(
    ([path, entry]) =>
      /(?:^|\/)node_modules\//.test(path) && (!isOptional(entry) || isForHere(entry)),
  );
}

function isOptional({ optional, devOptional, peer }) {
  return optional || devOptional || peer;
}

/** Native binaries name their platform; npm may omit other optional packages. */
function isForHere({ os, cpu, libc }) {
  if (!os?.includes(process.platform) || !cpu?.includes(process.arch)) return false;
  return libc === undefined || libc.includes((family ??= libcFamily()));
}

let family;

function libcFamily() {
  process.report.excludeNetwork = true;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

function nameOf(path) {
  return path.replace(/^node_modules\//, '');
}

function packagesOf(lock) {
  try {
    return JSON.parse(readFileSync(join(root, lock), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Sets up formatting on commit in a checkout, but not in CI or without git. */
async function wireHooks() {
  const husky = join(root, 'node_modules', 'husky', 'bin.js');
  if (process.env.CI || !existsSync(join(root, '.git')) || !existsSync(husky)) return;
  try {
    await run(process.execPath, [husky]);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say('the git hooks are not installed: commits are not formatted');
  }
}
