import { partNames } from '../bench/bench-settings.js';
import { option } from './option.js';
import { fraction, someOf, whole } from './schemas.js';

/** What `lockstep bench` measures, and how long. */
export const benchOptions = {
  part: option(someOf(partNames).default(partNames), {
    value: 'PART,…',
    describe: `what to measure: ${partNames.join(', ')}`,
  }),
  rounds: option(whole(1).default(5), {
    value: 'N',
    describe: 'number of rounds; what is compared alternates within a round',
  }),
  steps: option(whole(1).default(100), { value: 'N', describe: 'steps measured per round' }),
  warmup: option(whole(1).default(20), {
    value: 'N',
    describe: 'steps before them that are not measured',
  }),
  workers: option(whole(1).default(2), { value: 'N', describe: 'worker processes' }),
  batch: option(whole(1).default(100), {
    value: 'N',
    describe: 'samples per step, in one shard per worker',
  }),
  momentum: option(fraction.default(0.9), { value: 'X', describe: 'momentum of SGD' }),
};
