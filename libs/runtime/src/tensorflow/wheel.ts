import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { wantsGpu } from '../environment.js';
import { fillCacheFolder, userCacheFolder } from '../folders.js';
import { unpackWheel, WheelUnavailable, type WheelRequest } from '../python-wheel.js';
import { wheelPins } from '../wheel-pins.js';

/** The TensorFlow whose C library the addon is built against if there is no prebuilt one. */
export const WHEEL_TENSORFLOW = '2.21.0' as const;

/** The properties of a machine that select the wheel. */
export interface WheelPlatform {
  readonly project: 'tensorflow-cpu' | 'tensorflow';
  /** As pip names it. */
  readonly tag: string;
  readonly core: string;
  readonly framework: string;
}

const LINUX = { core: 'libtensorflow_cc.so.2', framework: 'libtensorflow_framework.so.2' };
const MAC = { core: 'libtensorflow_cc.2.dylib', framework: 'libtensorflow_framework.2.dylib' };

/** The wheel with CUDA; only for NVIDIA GPUs on Linux. */
const CUDA: WheelPlatform = { project: 'tensorflow', tag: 'manylinux_2_27_x86_64', ...LINUX };

const PLATFORMS: Readonly<Record<string, WheelPlatform>> = {
  'linux-x64': { project: 'tensorflow-cpu', tag: 'manylinux_2_27_x86_64', ...LINUX },
  'linux-arm64': { project: 'tensorflow', tag: 'manylinux_2_27_aarch64', ...LINUX },
  'darwin-arm64': { project: 'tensorflow', tag: 'macosx_12_0_arm64', ...MAC },
};

/** This machine's platform; throws `WheelUnavailable` if TensorFlow has no wheel for it. */
export function wheelPlatform(): WheelPlatform {
  const name = `${process.platform}-${process.arch}`;
  const platform = wantsGpu() ? { 'linux-x64': CUDA }[name] : PLATFORMS[name];
  if (platform === undefined) throw new WheelUnavailable(`TensorFlow has no wheel for ${name}`);
  return platform;
}

/** Name of this machine's builds: system, processor and device. */
export function machineName(): string {
  return `${process.platform}-${process.arch}${wantsGpu() ? '-cuda' : ''}`;
}

/** The folder of the wheel's libraries and headers, shared by all clones of this user. */
export function tensorFlowFolder(): string {
  return join(userCacheFolder(), `tensorflow-${WHEEL_TENSORFLOW}-${machineName()}`);
}

/** Downloads the wheel into the user's cache unless it exists; throws `WheelUnavailable`. */
export async function ensureTensorFlowWheel(): Promise<void> {
  const platform = wheelPlatform();
  if (existsSync(tensorFlowFolder())) return;
  await fillCacheFolder(tensorFlowFolder(), async (temporary) => {
    await unpackWheel(wheelRequest(platform), temporary);
    linkLibraries(temporary, platform);
  });
}

/**
 * The Python version is fixed, since only the libraries are used, and the machine's own Python may
 * be too old or too new for TensorFlow. Of 13,000 headers the addon includes 14.
 */
function wheelRequest({ project, tag, core, framework }: WheelPlatform): WheelRequest {
  const headers = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/platform/', 'xla/tsl/c/'];
  const python = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'];
  const requirement = `${project}==${WHEEL_TENSORFLOW}` as const;
  return {
    ...{ requirement, pins: wheelPins[requirement] },
    pipOptions: ['--platform', tag, ...python],
    members: [
      `tensorflow/${core}`,
      `tensorflow/${framework}`,
      ...headers.map((folder) => `tensorflow/include/${folder}`),
    ],
    timeoutMs: 900_000,
  };
}

/** Creates `lib/` with the library names that tfjs-node's addons expect. */
function linkLibraries(folder: string, { core, framework }: WheelPlatform): void {
  mkdirSync(join(folder, 'lib'));
  const [stem, end] = core.endsWith('dylib') ? ['', '.2.dylib'] : ['', '.so.2'];
  const names = { [core]: core, [framework]: framework, [`libtensorflow${stem}${end}`]: core };
  for (const [name, target] of Object.entries(names)) {
    symlinkSync(join('..', 'tensorflow', target), join(folder, 'lib', name));
  }
}
