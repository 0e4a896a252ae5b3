import { LockstepError } from '@lockstep/core';

/** The only module of this package that reads the process's environment. */
const environment = process.env;

export type BackendName = 'native' | 'wasm';

/** What `LOCKSTEP_BACKEND` forces, or undefined. Throws `bad-option` for anything else. */
export function forcedBackend(): BackendName | undefined {
  const value = environment['LOCKSTEP_BACKEND'];
  if (value === undefined || value === '') return undefined;
  if (value === 'native' || value === 'wasm') return value;
  throw new LockstepError('bad-option', `LOCKSTEP_BACKEND is "${value}"`, {
    remedy: 'set it to native or wasm, or unset it',
  });
}

/**
 * Whether set-up is to install the CUDA build of TensorFlow: `LOCKSTEP_DEVICE`, as for `--device`.
 */
export function wantsGpu(): boolean {
  return environment['LOCKSTEP_DEVICE'] === 'gpu';
}

/** Whether set-up may install binaries for which Lockstep has no hash: `LOCKSTEP_UNPINNED=1`. */
export function permitsUnpinned(): boolean {
  return environment['LOCKSTEP_UNPINNED'] === '1';
}

/** The folder of caches that `LOCKSTEP_CACHE` names, or undefined. */
export function chosenCacheFolder(): string | undefined {
  return environment['LOCKSTEP_CACHE'] || undefined;
}

/** `REDIS_URL`, or undefined if it is unset or empty. */
export function redisUrlFromEnvironment(): string | undefined {
  return environment['REDIS_URL'] || undefined;
}

/** The value of one variable that belongs to another program (PATH, XDG_CACHE_HOME, …). */
export function foreignVariable(name: string): string | undefined {
  return environment[name];
}

/** Sets variables that a native library will read with getenv(3); main thread only. */
export function setForeignVariables(values: Readonly<Record<string, string>>): void {
  Object.assign(environment, values);
}

/** The whole environment with some variables changed or (undefined) unset, for a child process. */
export function childEnvironment(
  changes: Readonly<Record<string, string | undefined>>,
): NodeJS.ProcessEnv {
  return { ...environment, ...changes };
}
