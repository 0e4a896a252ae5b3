import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, say } from './steps.mjs';

/** Installs what package-lock.json names, without install scripts, unless it is there already. */
export async function ensurePackages() {
  const reason = whyInstall();
  if (reason === undefined) return;
  say(`npm ci (${reason}) …`);
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  await wireHooks();
}

/** The first difference between the lock and what npm says it installed; undefined for none. */
function whyInstall() {
  const installed = packagesOf(join('node_modules', '.package-lock.json'));
  if (installed === undefined) return 'nothing is installed';
  for (const [path, wanted] of Object.entries(packagesOf('package-lock.json') ?? {})) {
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
