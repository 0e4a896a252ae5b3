import { availableParallelism } from 'node:os';
import { benchOptions } from './bench-options.js';
import { chaosOptions } from './chaos-options.js';
import { clusterOptions } from './cluster-options.js';
import { optimizerOptions } from './optimizer-options.js';
import type { OptionEntry } from './option-entry.js';
import { jsonOption, logLevelOption } from './output-options.js';
import { redisOptions } from './redis-options.js';
import { checkpointOption, sampleOption } from './replay-options.js';
import {
  fixed,
  fixedShardSize,
  judgeData,
  judgeModel,
  judgeSteps,
  recipeOf,
  type RunOptionEntry,
} from './on-resume.js';
import { securityOptions } from './security-options.js';
import {
  address,
  addressOrUrl,
  oneOf,
  onOff,
  probability,
  text,
  webAddress,
  whole,
} from './schemas.js';
import { workerOptions } from './worker-options.js';

export type { OptionEntry } from './option-entry.js';
export { redisOptions } from './redis-options.js';
export { jsonOption, logLevelOption } from './output-options.js';
export { workerOptions } from './worker-options.js';
export { checkpointOption, sampleOption } from './replay-options.js';

/** Where the dashboard is, unless another address is given or the port is taken. */
export const USUAL_HTTP = '127.0.0.1:4747';

/** What a run is: each of these becomes part of its spec or of its record. */
export const runOptions = [
  {
    flag: 'steps',
    value: 'N',
    describe: 'SGD steps',
    schema: whole(1),
    defaultText: 'by the recipe',
    onResume: { kind: 'takes-effect', judge: judgeSteps },
  },
  {
    flag: 'batch',
    value: 'N',
    describe: 'samples per step, over all shards',
    schema: whole(1),
    defaultText: 'by the recipe',
    onResume: fixed(({ batch }) => batch),
  },
  {
    flag: 'shard-size',
    value: 'N',
    describe: 'samples per shard',
    schema: whole(1),
    defaultText: 'by the recipe',
    onResume: fixedShardSize,
  },
  ...optimizerOptions,
  {
    flag: 'keep-prob',
    value: 'P',
    describe: 'probability of keeping a unit in dropout',
    schema: probability,
    defaultText: 'by the recipe',
    onResume: fixed(({ keepProb }) => keepProb),
  },
  {
    flag: 'recipe',
    value: 'NAME',
    describe: 'default, or tutorial: the settings as the tutorial prints them',
    schema: oneOf('default', 'tutorial'),
    default: 'default',
    onResume: fixed(recipeOf),
  },
  {
    flag: 'seed',
    value: 'N',
    describe: 'seed of weights, order and dropout',
    schema: whole(0),
    default: 1,
    onResume: fixed(({ seed }) => seed),
  },
  {
    flag: 'data',
    value: 'DIR|NAME',
    describe: 'mnist, fashion-mnist, or a folder like the tutorial’s MNIST_data',
    schema: text,
    default: 'mnist',
    onResume: { kind: 'takes-effect', judge: judgeData },
  },
  {
    flag: 'model',
    value: 'NAME|FILE',
    describe: 'a built-in model or a module that defines one',
    schema: text,
    default: 'mnist-cnn',
    onResume: { kind: 'takes-effect', judge: judgeModel },
  },
  {
    flag: 'threads',
    value: 'N',
    describe: 'TensorFlow threads per worker; part of the numerics',
    schema: whole(1),
    default: 1,
    onResume: fixed(({ threads }) => threads),
  },
  {
    flag: 'numerics',
    value: 'MODE',
    describe: 'strict: equal bits from all, or refused; tolerant: no promise',
    schema: oneOf('strict', 'tolerant'),
    default: 'strict',
    onResume: fixed(({ numerics }) => numerics),
  },
  {
    flag: 'device',
    value: 'NAME',
    describe: 'cpu, or gpu (needs the CUDA build of TensorFlow)',
    schema: oneOf('cpu', 'gpu'),
    default: 'cpu',
    onResume: fixed(({ device }) => device),
  },
  {
    flag: 'wire',
    value: 'FORMAT',
    describe: 'how gradients travel: f32, or bf16 in half the bytes',
    schema: oneOf('f32', 'bf16'),
    default: 'f32',
    onResume: fixed(({ wire }) => wire),
  },
] as const satisfies readonly RunOptionEntry[];

/** How a coordinator leads a run. */
export const leadOptions = [
  {
    flag: 'eval-every',
    value: 'N',
    describe: 'steps between evaluations on the test set',
    schema: whole(1),
    default: 1000,
  },
  {
    flag: 'checkpoint-every',
    value: 'N',
    describe: 'steps between checkpoints',
    schema: whole(1),
    default: 100,
  },
  {
    flag: 'prove-every',
    value: 'N',
    describe: 'most steps between proofs that all workers hold the same weights',
    schema: whole(1),
    default: 50,
  },
  { flag: 'out', value: 'DIR', describe: 'folder of the runs', schema: text, default: 'runs' },
  { flag: 'resume', value: 'RUN', describe: 'go on with this run', schema: text },
  {
    flag: 'min-workers',
    value: 'N',
    describe: 'wait while there are fewer workers',
    schema: whole(1),
    default: 1,
  },
  {
    flag: 'heartbeat-timeout',
    value: 'MS',
    describe: 'milliseconds of silence after which a worker is lost',
    schema: whole(100),
    default: 1000,
  },
  {
    flag: 'on-alarm',
    value: 'ACTION',
    describe: 'stop, or continue, a run that learns nothing',
    schema: oneOf('stop', 'continue'),
    default: 'stop',
  },
  {
    flag: 'grpc',
    value: 'HOST:PORT',
    describe: 'where workers connect; port 0 picks one',
    schema: address,
    default: '127.0.0.1:0',
  },
  {
    flag: 'http',
    value: 'HOST:PORT',
    describe: 'where dashboard and HTTP API listen; port 0 picks one',
    schema: address,
    defaultText: `${USUAL_HTTP}, or another port where that is taken`,
  },
  { flag: 'no-dashboard', describe: 'serve no page', schema: onOff, default: false },
  {
    flag: 'tensorboard',
    value: 'DIR',
    describe: 'write event files for TensorBoard into a folder of the run below this one',
    schema: text,
  },
  {
    flag: 'mlflow',
    value: 'URL',
    describe: 'an MLflow tracking server to log the run to',
    schema: webAddress,
    defaultText: 'MLFLOW_TRACKING_URI, where that is http(s)',
  },
  logLevelOption,
] as const satisfies readonly OptionEntry[];

/** Which run a command is about, of those that are being led. */
export const runOption = {
  flag: 'run',
  value: 'RUN',
  describe: 'id or folder of the run',
  schema: text,
  defaultText: 'the newest being led',
} as const satisfies OptionEntry;

/** Where a command that speaks to a coordinator finds it. */
export const coordinatorHttpOption = {
  flag: 'http',
  value: 'HOST:PORT|URL',
  describe: 'the coordinator’s HTTP API; https://HOST:PORT, or --tls-ca beside it, for TLS',
  schema: addressOrUrl,
  defaultText: 'that of the newest run being led',
} as const satisfies OptionEntry;

/** What only the local mode has: it starts the workers itself. */
export const localOptions = [
  {
    flag: 'workers',
    value: 'N',
    describe: 'worker processes to start',
    schema: whole(0),
    default: Math.max(2, availableParallelism()),
    defaultText: 'one per core, two at least',
  },
] as const satisfies readonly OptionEntry[];

/** Every option of every command. */
export const everyOption: readonly OptionEntry[] = [
  ...runOptions,
  ...leadOptions,
  ...localOptions,
  ...workerOptions,
  ...redisOptions,
  ...clusterOptions,
  jsonOption,
  runOption,
  coordinatorHttpOption,
  sampleOption,
  checkpointOption,
  ...securityOptions,
  ...chaosOptions,
  ...benchOptions,
];
