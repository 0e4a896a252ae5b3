import { createKubernetesScaler, type ScaleTarget, type WorkerScaler } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { parentScaler } from '../local/scale-channel.js';
import type { OptionValues } from './resolve-options.js';

/** What starts and drains workers for a coordinator; undefined where only people do. */
export function chosenScaler(options: OptionValues): WorkerScaler | undefined {
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
