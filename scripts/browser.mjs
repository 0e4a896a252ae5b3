import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, say, SetUpError } from './steps.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * A browser for the test of the dashboard: an installed one, or Debian's package if it may be
 * installed.
 */
export async function ensureBrowser() {
  if (findBrowser() !== undefined) return;
  const apt = findOnPath('apt-get');
  if (apt === undefined || process.getuid?.() !== 0) {
    return say('browser: none; install chromium, or the test of the dashboard in one is skipped');
  }
  say('browser (none is installed) …');
  const quiet = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run(apt, ['update', '-qq'], quiet);
    await run(apt, ['install', '-qq', '--no-install-recommends', 'chromium'], quiet);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(`browser: none (${error.message}); the test of the dashboard in one is skipped`);
  }
}

function findBrowser() {
  return NAMES.map(findOnPath).find((path) => path !== undefined);
}

function findOnPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
