import type { OptionEntry } from './option-entry.js';
import { logLevelOption } from './output-options.js';
import { address, oneOf, text, whole } from './schemas.js';

/** What only a worker has. */
export const workerOptions = [
  logLevelOption,
  {
    flag: 'coordinator',
    value: 'HOST:PORT',
    describe: 'where the coordinator listens',
    schema: address,
  },
  {
    flag: 'http',
    value: 'HOST:PORT',
    describe: 'where it serves /healthz, /readyz and /metrics; port 0 picks one',
    schema: address,
    defaultText: 'nowhere',
  },
  {
    flag: 'id',
    value: 'NAME',
    describe: 'name of this worker, unique in the run',
    schema: text,
    defaultText: 'host name and a random part',
  },
  {
    flag: 'patience',
    value: 'MS',
    describe: 'milliseconds to wait for a coordinator or Redis that cannot be reached',
    schema: whole(0),
    defaultText: '300000; without limit with --supervised',
  },
  {
    flag: 'leave-when',
    value: 'STATE',
    describe: 'leave once the run has ended, once it has finished (for a Job), or never',
    schema: oneOf('ended', 'finished', 'never'),
    defaultText: 'ended; never with --supervised',
  },
] as const satisfies readonly OptionEntry[];
