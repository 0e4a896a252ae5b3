import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readStamp, root, run, say, writeStamp } from './steps.mjs';

const STAMP = 'packages';
const WANTED = 'package-lock.json';
/** npm's own note of what it installed. */
const INSTALLED = join('node_modules', '.package-lock.json');

/** Installs what package-lock.json names, without install scripts, unless it is there already. */
export async function ensurePackages() {
  if (readStamp(STAMP) === bothLocks()) return;
  const reason = whyInstall();
  if (reason !== undefined) {
    say(`npm ci (${reason}) …`);
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
    await wireHooks();
  }
  writeStamp(STAMP, bothLocks());
}

/** Size and time of both locks: while they stay, so does the result of comparing them. */
function bothLocks() {
  const state = (file) => statSync(join(root, file), { throwIfNoEntry: false });
  return [WANTED, INSTALLED]
    .map((file) => `${state(file)?.size} ${state(file)?.mtimeMs}`)
    .join(' ');
}

/** The first difference between the lock and what npm says it installed; undefined for none. */
function whyInstall() {
  const installed = packagesOf(INSTALLED);
  if (installed === undefined) return 'nothing is installed';
  for (const [path, wanted] of Object.entries(packagesOf(WANTED) ?? {})) {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) continue;
    if (wanted.optional || wanted.devOptional || wanted.peer) continue;
    const have = installed[path];
    if (have?.version !== wanted.version || have?.resolved !== wanted.resolved) {
      return `${path.replace(/^node_modules\//, '')} is missing or another version`;
    }
  }
  return undefined;
}

function packagesOf(lock) {
  try {
    return JSON.parse(readFileSync(join(root, lock), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Formatting on commit, in a person's checkout: never in CI, nor without git. */
async function wireHooks() {
  const husky = join(root, 'node_modules', 'husky', 'bin.js');
  if (process.env.CI || !existsSync(join(root, '.git')) || !existsSync(husky)) return;
  await run(process.execPath, [husky]);
}
