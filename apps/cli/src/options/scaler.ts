import { createKubernetesScaler, type ScaleTarget, type WorkerScaler } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { parentScaler } from '../local/scale-channel.js';
import { refuseUnused } from './refuse-unused.js';
import type { OptionValues, ResolvedOptions } from './resolve-options.js';

/** What starts and drains workers for a coordinator; undefined where only people do. */
export function chosenScaler(
  options: OptionValues,
  origins: ResolvedOptions['origins'],
): WorkerScaler | undefined {
  if (options['scaler'] !== 'kubernetes') {
    refuseUnused(origins, [{ flag: 'scale-target', because: 'it is for --scaler kubernetes' }]);
  }
  const target = options['scaleTarget'] as ScaleTarget | undefined;
  switch (options['scaler'] as 'none' | 'local' | 'kubernetes') {
    case 'none':
      return undefined;
    case 'local':
      return parentScaler();
    case 'kubernetes':
      if (target) return createKubernetesScaler(target);
      throw new LockstepError('bad-option', '--scaler kubernetes needs --scale-target', {
        remedy: 'name the workers’ deployment, or what scales it: deployment/lockstep-worker',
      });
  }
}
