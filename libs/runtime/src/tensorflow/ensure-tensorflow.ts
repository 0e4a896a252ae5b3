import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import { forcedBackend, permitsUnpinned, wantsGpu } from '../environment.js';
import { pipCommand, WheelUnavailable } from '../python-wheel.js';
import { isPackage, setUpCommand } from '../folders.js';
import type { Reporter } from '../reporter.js';
import { isWritableFolder } from '../user-folders.js';
import { readBackendChoice, writeBackendChoice, type BackendChoice } from './backend-choice.js';
import {
  AddonNotBuilt,
  builtAddon,
  builtAddonFolder,
  compiler,
  ensureAddonBuilt,
  requireCompiler,
} from './build-addon.js';
import { climb, type Rung } from './ladder.js';
import {
  addonState,
  nativeFolder,
  proveAddon,
  putInPlace,
  type AddonProof,
} from './native-addon.js';
import { installPrebuilt } from './prebuilt.js';
import { ensureTensorFlowWheel, tensorFlowFolder } from './wheel.js';

/**
 * Makes sure that TensorFlow can be loaded, by the first way that works: the installed addon, the
 * one in the user's cache, the package's own download if the user permits it, the wheel and a compiler,
 * and finally the slow wasm backend. Reports what is used and why each better way failed. The decision of an
 * earlier call holds until the machine changes. `LOCKSTEP_BACKEND=native` throws
 * `tensorflow-unavailable` instead of falling back to wasm; `LOCKSTEP_BACKEND=wasm` does nothing.
 */
export async function ensureTensorFlow(reporter: Reporter): Promise<BackendChoice> {
  const forced = forcedBackend();
  if (forced === 'wasm') return announce(wasmChoice(['LOCKSTEP_BACKEND=wasm']), reporter);
  const known = readBackendChoice();
  if (known !== undefined && stillHolds(known, forced)) {
    if (known.backend === 'wasm') announce(known, reporter);
    return known;
  }
  mustBePlaceable();
  const choice = await choose(reporter);
  writeBackendChoice(choice);
  announce(choice, reporter);
  if (forced === 'native' && choice.backend === 'wasm') throw nativeUnavailable(choice);
  return choice;
}

function stillHolds(known: BackendChoice, forced: 'native' | undefined): boolean {
  if (known.backend === 'wasm')
    return forced !== 'native' && known.circumstances === circumstances();
  const state = addonState();
  if (known.way === 'prebuilt') return state.kind === 'own-files' && !wantsGpu();
  // If another user set up the clone, the libraries are in that user's cache.
  return (
    state.kind === 'linked' &&
    (state.libraryFolder === libraryFolder() || !isWritableFolder(nativeFolder()))
  );
}

/** Checked before a long download whose result could not be installed. */
function mustBePlaceable(): void {
  const folder = nativeFolder();
  // A package's is in the cache, and made when it is filled.
  if (isPackage() || isWritableFolder(folder)) return;
  throw new LockstepError(
    'path-unusable',
    `TensorFlow is not set up for this user, and ${folder} cannot be written`,
    {
      remedy:
        'use a clone of your own, or run "npm run setup" as the owner of this one, with ' +
        'XDG_CACHE_HOME set to a folder that all its users can read',
    },
  );
}

/** The changeable facts that determine whether the native backend is available. */
function circumstances(): string {
  return JSON.stringify({
    compiler: compiler() ?? null,
    pip: pipCommand()?.join(' ') ?? null,
    unpinned: permitsUnpinned(),
    cached: existsSync(builtAddon()) && existsSync(tensorFlowFolder()),
  });
}

async function choose(reporter: Reporter): Promise<BackendChoice> {
  const { reached, passedOver } = await climb(rungs(reporter), (reason) =>
    reporter(`TensorFlow: passed over: ${reason}`),
  );
  if (reached === undefined) return wasmChoice(passedOver);
  return { backend: 'native', ...reached, passedOver, circumstances: circumstances() };
}

function rungs(reporter: Reporter): readonly Rung[] {
  const all: readonly Rung[] = [
    { way: 'prebuilt', name: 'the addon in place', attempt: tryOwnFiles },
    { way: 'wheel', name: "the addon in the user's cache", attempt: tryCache },
    {
      way: 'prebuilt',
      name: "the package's own download",
      attempt: () => installPrebuilt(reporter),
    },
    { way: 'wheel', name: 'the wheel', attempt: () => tryWheel(reporter) },
  ];
  // tfjs-node's own binary supports only the CPU, and the published package lacks its install script.
  return wantsGpu() || isPackage() ? all.filter(({ way }) => way === 'wheel') : all;
}

async function tryOwnFiles(): Promise<AddonProof | undefined> {
  return addonState().kind === 'own-files' ? proveAddon() : undefined;
}

async function tryCache(): Promise<AddonProof | undefined> {
  if (!existsSync(builtAddon()) || !existsSync(tensorFlowFolder())) return undefined;
  putInPlace(builtAddon(), libraryFolder());
  const proof = await proveAddon();
  if (!proof.ok) rmSync(builtAddonFolder(), { recursive: true, force: true });
  return proof;
}

async function tryWheel(reporter: Reporter): Promise<AddonProof> {
  try {
    requireCompiler();
    if (pipCommand() !== undefined) reporter('TensorFlow: the wheel (270 MB, once per user) …');
    await ensureTensorFlowWheel();
    reporter('TensorFlow: compiling the addon …');
    await ensureAddonBuilt();
  } catch (error) {
    const expected = error instanceof WheelUnavailable || error instanceof AddonNotBuilt;
    if (!expected) throw error;
    return { ok: false, reason: error.message };
  }
  putInPlace(builtAddon(), libraryFolder());
  return proveAddon();
}

function libraryFolder(): string {
  return join(tensorFlowFolder(), 'lib');
}

function wasmChoice(passedOver: readonly string[]): BackendChoice {
  const version = 'one thread';
  return { backend: 'wasm', way: 'wasm', version, passedOver, circumstances: circumstances() };
}

function announce(choice: BackendChoice, reporter: Reporter): BackendChoice {
  if (choice.backend === 'native') {
    reporter(`TensorFlow: native ${choice.version} (${choice.way})`);
  } else {
    const why = choice.passedOver.at(-1) ?? '';
    reporter(`TensorFlow: the wasm backend, some 17 times slower than native; ${why}`);
  }
  return choice;
}

function nativeUnavailable(choice: BackendChoice): LockstepError {
  return new LockstepError(
    'tensorflow-unavailable',
    `LOCKSTEP_BACKEND=native, but: ${choice.passedOver.join('; ')}`,
    { remedy: `install a C++ compiler and Python with pip, then run "${setUpCommand()}" again` },
  );
}
