import { benchOptions } from './bench-options.js';
import { chaosOptions } from './chaos-options.js';
import { clusterOptions } from './cluster-options.js';
import { redisOptions } from './redis-options.js';
import {
  checkpointOption,
  jsonOption,
  leadOptions,
  localOptions,
  runOptions,
  sampleOption,
  whereOptions,
  workerOptions,
} from './run-options.js';
import {
  callOptions,
  joinOptions,
  joinTokensOption,
  serveOptions,
  tlsCaOption,
} from './security-options.js';

/** Names of all options that one config file and one environment may set, whatever the command. */
export const everyOption: readonly string[] = Object.keys({
  ...runOptions,
  ...leadOptions,
  ...localOptions,
  ...workerOptions,
  ...redisOptions,
  ...clusterOptions,
  ...jsonOption,
  ...whereOptions,
  ...sampleOption,
  ...checkpointOption,
  ...serveOptions,
  ...tlsCaOption,
  ...joinTokensOption,
  ...joinOptions,
  ...callOptions,
  ...chaosOptions,
  ...benchOptions,
});
