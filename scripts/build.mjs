import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnvironment } from './environment.mjs';
import { mustBeWritable, readStamp, root, run, say, writeStamp } from './steps.mjs';

const STAMP = 'build.sha256';
const PACKAGE_FOLDERS = ['libs', 'apps'];
/** Outputs of the build, and folders that are not part of it. */
const PASSED_OVER = new Set(['node_modules', 'dist', 'generated', 'coverage', 'runs', '.lockstep']);

/** Builds every package unless no source has changed since the last build. */
export async function ensureBuild() {
  const before = fingerprint();
  const reason = whyBuild(before);
  if (reason === undefined) return;
  mustBeWritable(reason);
  say(`build (${reason}) …`);
  const nx = join('node_modules', '.bin', 'nx');
  const args = [nx, 'run-many', '-t', 'build', '--parallel=2', '--output-style=stream'];
  await run(process.execPath, args, toolEnvironment({ NX_DAEMON: 'false' }));
  writeStamp(STAMP, before);
}

function whyBuild(sources) {
  const missing = packages().find(
    (folder) => hasBuild(folder) && !existsSync(join(root, folder, 'dist')),
  );
  if (missing !== undefined) return `${missing} is not built`;
  return readStamp(STAMP) === sources ? undefined : 'sources have changed';
}

function packages() {
  return PACKAGE_FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  ).filter((folder) => existsSync(join(root, folder, 'package.json')));
}

function hasBuild(folder) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return manifest.scripts?.build !== undefined;
}

/** Path, size and time of every source: cheap; errors only cause an unnecessary build. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'tsconfig.base.json', 'nx.json']) add(hash, file);
  for (const folder of PACKAGE_FOLDERS) walk(hash, folder);
  return hash.digest('hex');
}

function walk(hash, folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (PASSED_OVER.has(entry.name) || entry.name.endsWith('.spec.ts')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(hash, path);
    else add(hash, path);
  }
}

function add(hash, file) {
  const { size, mtimeMs } = statSync(join(root, file));
  hash.update(`${file}\0${size}\0${mtimeMs}\n`);
}
