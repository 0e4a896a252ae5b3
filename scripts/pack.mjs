// Makes the npm package `lockstep`: the library, the bundled command with its page, docs and examples, and the
// scripts and C++ sources of tfjs-node, whose own install script would download.
//
//   node scripts/pack.mjs [FOLDER]     writes lockstep-VERSION.tgz there; default: this clone
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuild } from './build.mjs';
import { asCommand } from './setup.mjs';
import { root, run, say } from './steps.mjs';
import { thirdPartyNotice } from './third-party-notice.mjs';

/**
 * What the published code loads by name, at the versions of the lock. Parts of TensorFlow.js are named
 * one by one: with a package manager that does not hoist, only these can be resolved.
 */
const DEPENDENCIES = [
  '@bull-board/api',
  '@bull-board/fastify',
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgl',
  '@tensorflow/tfjs-converter',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-data',
  '@tensorflow/tfjs-layers',
  'google-protobuf',
  'h5wasm',
  'jiti',
  'node-api-headers',
  'sharp',
  'zod',
];
/** Faster where it can be installed. */
const OPTIONAL = ['msgpackr-extract'];

const folder = join(root, 'libs', 'lockstep', 'package');

/** @returns the path of the tarball */
export async function pack(target = root) {
  await ensureBuild();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const rolldown = join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
  await run(process.execPath, [rolldown, '-c'], process.env, join(root, 'libs', 'lockstep'));
  copyCommand();
  copyTfjsNode();
  for (const name of ['README.md', 'LICENSE', 'docs', 'examples']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), thirdPartyNotice());
  const manifest = manifestOf();
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const destination = resolve(target);
  await run('npm', ['pack', folder, '--pack-destination', destination, '--ignore-scripts']);
  return join(destination, `lockstep-${manifest.version}.tgz`);
}

function copyCommand() {
  const filter = (path) => !path.endsWith('.map');
  const command = join(folder, 'command');
  cpSync(join(root, 'apps', 'cli', 'dist'), command, { recursive: true, filter });
  const page = join(root, 'apps', 'dashboard', 'dist');
  cpSync(page, join(command, 'page'), { recursive: true, filter });
}

/** Without tests, types and what only its install script and its own index load. */
function copyTfjsNode() {
  const from = join(root, 'node_modules', '@tensorflow', 'tfjs-node');
  const to = join(folder, 'command', 'tfjs-node');
  const wanted = (path) => !/_test\.js$|\.d\.ts$|[/\\]io$/.test(path);
  for (const part of ['dist', 'binding']) {
    cpSync(join(from, part), join(to, part), { recursive: true, filter: wanted });
  }
  const { name, version, license, repository, main } = manifestIn(from);
  const manifest = { name, version, license, repository, main };
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // Its licence, Apache 2.0, whose text the package lacks.
  cpSync(join(root, 'node_modules', '@grpc', 'grpc-js', 'LICENSE'), join(to, 'LICENSE'));
}

function manifestOf() {
  const { version, description, license, engines } = manifestIn(root);
  return {
    ...{ name: 'lockstep', version, description, license, engines, type: 'module' },
    bin: { lockstep: 'command/main.js' },
    exports: {
      '.': { types: './library/index.d.ts', default: './library/index.js' },
      './package.json': './package.json',
    },
    // The newest TypeScript reads `exports`; older settings of `moduleResolution` read these.
    ...{ main: './library/index.js', types: './library/index.d.ts' },
    dependencies: versionsOf(DEPENDENCIES),
    optionalDependencies: versionsOf(OPTIONAL),
  };
}

function versionsOf(names) {
  return Object.fromEntries(
    names.map((name) => [name, manifestIn(join(root, 'node_modules', name)).version]),
  );
}

function manifestIn(at) {
  return JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await asCommand(async () => say(await pack(process.argv[2])));
}
