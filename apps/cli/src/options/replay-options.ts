import type { OptionEntry } from './option-entry.js';
import { whole } from './schemas.js';

/** Where in a resumed run to go on; said to the first coordinator alone. */
export const checkpointOption = {
  flag: 'checkpoint',
  value: 'VERSION',
  describe: 'with --resume: go on from this checkpoint; what came after it is computed again',
  schema: whole(0),
  defaultText: 'the newest good one',
} as const satisfies OptionEntry;

/** How much of a run to verify. */
export const sampleOption = {
  flag: 'sample',
  value: 'N',
  describe: 'compute only so many steps again, spread over the run',
  schema: whole(1),
  defaultText: 'all of them',
} as const satisfies OptionEntry;
