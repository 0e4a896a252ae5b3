import { scaleTargetKinds } from '@lockstep/coordinator/scale-target';
import type { OptionEntry } from './option-entry.js';
import { oneOf, onOff, scaleTarget } from './schemas.js';

/** For a process that a supervisor keeps running: Kubernetes, Compose, systemd. */
export const supervisedOption = {
  flag: 'supervised',
  describe:
    'a supervisor restarts this process: it waits for Redis and whatever else it depends on, a coordinator continues the newest run of --out, and both stay when a run has ended',
  schema: onOff,
  default: false,
} as const satisfies OptionEntry;

/** What only a coordinator of its own has: `lockstep train` supervises and scales its processes itself. */
export const clusterOptions = [
  supervisedOption,
  {
    flag: 'scaler',
    value: 'NAME',
    describe:
      'what starts workers at a wish: none, local (the lockstep train above it), kubernetes',
    schema: oneOf('none', 'local', 'kubernetes'),
    default: 'local',
  },
  {
    flag: 'scale-target',
    value: '[NS/]KIND/NAME',
    describe: `what --scaler kubernetes scales; KIND is ${scaleTargetKinds.join(', ')}`,
    schema: scaleTarget,
  },
] as const satisfies readonly OptionEntry[];
