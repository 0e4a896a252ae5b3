import { scaleTargetKinds } from '@lockstep/coordinator/scale-target';
import { option } from './option.js';
import { address, oneOf, onOff, scaleTarget } from './schemas.js';

/** For a process that a supervisor keeps running: Kubernetes, Compose, systemd. */
export const supervisedOption = {
  supervised: option(onOff.default(false), {
    describe:
      'a supervisor restarts this process: it waits for Redis and whatever else it depends on, a coordinator continues the newest run of --out, and both keep running when a run has ended',
  }),
};

/** Options of a coordinator on its own: `lockstep train` supervises and scales its processes itself. */
export const clusterOptions = {
  ...supervisedOption,
  probes: option(address.optional(), {
    value: 'HOST:PORT',
    describe:
      'where to serve /healthz and /readyz for a supervisor, apart from --http: unencrypted, without its limits; port 0 picks one',
    defaultText: 'at --http only',
  }),
  scaler: option(oneOf('none', 'local', 'kubernetes').default('local'), {
    value: 'NAME',
    describe:
      'how workers are scaled on request: none, local (by the lockstep train that started this coordinator), kubernetes',
  }),
  scaleTarget: option(scaleTarget.optional(), {
    value: '[NS/]KIND/NAME',
    describe: `what --scaler kubernetes scales; KIND is ${scaleTargetKinds.join(', ')}`,
  }),
};
