import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { foreignVariable } from '../environment.js';
import { fillCacheFolder, tfjsNodeFolder, userCacheFolder } from '../folders.js';
import { findProgram, runProgram } from '../programs.js';
import { NODE_API_VERSION } from './native-addon.js';
import { machineName, tensorFlowFolder, WHEEL_TENSORFLOW, wheelPlatform } from './wheel.js';

const require = createRequire(import.meta.url);

/** The addon could not be compiled; `message` is the one-line reason. */
export class AddonNotBuilt extends Error {}

/** The C++ compiler on this machine: `CXX`, else the usual names on PATH. */
export function compiler(): string | undefined {
  return findProgram(foreignVariable('CXX') || 'c++', 'g++', 'clang++');
}

/** As `compiler`; throws `AddonNotBuilt` without a compiler. */
export function requireCompiler(): string {
  const cxx = compiler();
  if (cxx === undefined) throw new AddonNotBuilt('no C++ compiler (c++, g++ or clang++) on PATH');
  return cxx;
}

/** The folder of the built addon, one for each combination of versions. */
export function builtAddonFolder(): string {
  const manifest = readFileSync(join(tfjsNodeFolder(), 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const built = `tfjs-node-${version}-napi-${NODE_API_VERSION}-tensorflow-${WHEEL_TENSORFLOW}`;
  return join(userCacheFolder(), `${built}-${machineName()}`);
}

/** The built addon inside `builtAddonFolder()`. */
export function builtAddon(): string {
  return join(builtAddonFolder(), 'tfjs_binding.node');
}

/**
 * Compiles tfjs-node's addon against the wheel's library, into the user's cache, unless it exists.
 * Since its two C++ files use only Node-API, one call of the compiler replaces node-gyp, make,
 * Python and a download of Node's headers. Throws `AddonNotBuilt`.
 */
export async function ensureAddonBuilt(): Promise<void> {
  if (existsSync(builtAddon())) return;
  const cxx = requireCompiler();
  await fillCacheFolder(builtAddonFolder(), async (temporary) => {
    const args = compilerArguments(join(temporary, 'tfjs_binding.node'));
    const result = await runProgram(cxx, args, { timeoutMs: 300_000, cwd: tfjsNodeFolder() });
    if (!result.ok) throw new AddonNotBuilt(`${cxx}: ${result.lastLine}`);
  });
}

function compilerArguments(output: string): string[] {
  const { core, framework } = wheelPlatform();
  const folder = tensorFlowFolder();
  const headers = [
    join(folder, 'tensorflow', 'include'),
    join(require.resolve('node-api-headers'), '..', 'include'),
  ];
  const loader =
    process.platform === 'darwin'
      ? ['-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path/../../deps/lib']
      : ['-Wl,-rpath,$ORIGIN/../../deps/lib'];
  return [
    ...['-std=c++17', '-O3', '-fPIC', '-shared', `-DNAPI_VERSION=${NODE_API_VERSION}`],
    ...['-DBUILDING_NODE_EXTENSION', '-w', '-o', output],
    ...headers.map((path) => `-I${path}`),
    ...[join('binding', 'tfjs_backend.cc'), join('binding', 'tfjs_binding.cc')],
    ...[join(folder, 'lib', core), join(folder, 'lib', framework), ...loader],
  ];
}
