import { LockstepError } from '@lockstep/core';
import { forcedBackend } from '../environment.js';
import { setUpCommand } from '../folders.js';
import { pipCommand } from '../python-wheel.js';
import { readBackendChoice } from '../tensorflow/backend-choice.js';
import { compiler } from '../tensorflow/build-addon.js';
import { addonState, proveAddon } from '../tensorflow/native-addon.js';
import { ok, problem, warning, type Finding } from './finding.js';

const tryAgain = (): string =>
  `run "LOCKSTEP_BACKEND=native ${setUpCommand()}", which tries again and says why not`;

/** The backend that runs would use, how it was installed, and whether it can be loaded. */
export async function diagnoseTensorFlow(): Promise<Finding> {
  try {
    return await diagnoseBackend(forcedBackend());
  } catch (error) {
    const { message, remedy } = LockstepError.from(error);
    return problem('tensorflow', message, remedy ?? tryAgain());
  }
}

async function diagnoseBackend(forced: 'native' | 'wasm' | undefined): Promise<Finding> {
  const choice = readBackendChoice();
  const backend = forced ?? choice?.backend ?? 'native';
  const by = forced === undefined ? '' : ', forced by LOCKSTEP_BACKEND';
  if (backend === 'wasm') {
    const why = forced === undefined ? `; ${choice?.passedOver.join('; ') ?? ''}` : '';
    const slow = `wasm, some 17 times slower than native${by}${why}`;
    return warning(
      'tensorflow',
      slow,
      forced === undefined ? tryAgain() : 'unset LOCKSTEP_BACKEND',
    );
  }
  if (addonState().kind === 'absent') {
    return problem('tensorflow', `native${by}, but it is not built`, `run "${setUpCommand()}"`);
  }
  const proof = await proveAddon();
  if (!proof.ok) return problem('tensorflow', proof.reason, `run "${setUpCommand()}"`);
  return ok('tensorflow', `native ${proof.version} (${choice?.way ?? 'built by hand'}${by})`);
}

/** The tools that building the native backend needs. */
export function diagnoseTools(): Finding[] {
  const built = addonState().kind !== 'absent';
  const tools = [
    ['compiler', compiler(), 'install g++ or clang++'] as const,
    ['pip', pipCommand()?.join(' '), 'install Python 3 with pip'] as const,
  ];
  return tools.map(([topic, found, remedy]) => {
    if (found !== undefined) return ok(topic, found);
    return built
      ? ok(topic, 'none, and none is needed: the native backend is built')
      : warning(topic, 'none on PATH', `${remedy}: it builds the native backend`);
  });
}
