import { availableParallelism } from 'node:os';
import { dataOptions } from './data-options.js';
import { option } from './option.js';
import { lossOptions } from './loss-options.js';
import { optimizerOptions } from './optimizer-options.js';
import {
  address,
  addressOrUrl,
  name,
  oneOf,
  onOff,
  openFraction,
  positive,
  probability,
  text,
  webAddress,
  whole,
} from './schemas.js';

/** Where the dashboard is, unless another address is given or the port is taken. */
export const USUAL_HTTP = '127.0.0.1:4747';

const BY_RECIPE = 'from the recipe';

/** What a run is: each of these becomes part of its spec or of its record. */
export const runOptions = {
  steps: option(whole(1).optional(), {
    value: 'N',
    describe: 'SGD steps',
    defaultText: BY_RECIPE,
  }),
  epochs: option(positive.optional(), {
    value: 'N',
    describe: 'passes over the training samples, instead of --steps; rounded up to whole steps',
    defaultText: 'as many as --steps make',
  }),
  batch: option(whole(1).optional(), {
    value: 'N',
    describe: 'samples per step, over all shards',
    defaultText: BY_RECIPE,
  }),
  shardSize: option(whole(1).optional(), {
    value: 'N',
    describe: 'samples per shard',
    defaultText: BY_RECIPE,
  }),
  ...optimizerOptions,
  clipNorm: option(positive.optional(), {
    value: 'NORM',
    describe: 'largest global norm of a step’s mean gradient; a longer one is scaled to it',
    defaultText: 'no bound',
  }),
  ema: option(openFraction.optional(), {
    value: 'DECAY',
    describe: 'evaluate and save a moving average of the weights with this decay, such as 0.999',
    defaultText: 'none',
  }),
  ...lossOptions,
  onNonfinite: option(oneOf('stop', 'skip').default('stop'), {
    value: 'ACTION',
    describe:
      'what a step does whose gradient holds NaN or infinity: stop the run, or change nothing',
  }),
  earlyStopping: option(whole(1).optional(), {
    value: 'N',
    describe:
      'end after N evaluations (--eval-every) that are not better than the best before them',
    defaultText: 'no early end',
  }),
  keepBest: option(onOff.default(false), {
    describe: 'save the model of the best evaluation instead of the last one',
  }),
  keepProb: option(probability.optional(), {
    value: 'P',
    describe: 'probability of keeping a unit in dropout',
    defaultText: BY_RECIPE,
  }),
  recipe: option(oneOf('default', 'tutorial').default('default'), {
    value: 'NAME',
    describe: 'default, or tutorial: the settings that the tutorial prints',
  }),
  seed: option(whole(0).default(1), {
    value: 'N',
    describe: 'seed of weights, order and dropout',
  }),
  ...dataOptions,
  model: option(text.default('mnist-cnn'), {
    value: 'NAME|FILE',
    describe: 'a built-in model or a module that defines one',
  }),
  initFrom: option(text.optional(), {
    value: 'RUN|FILE',
    describe: 'begin with the weights of a run, or of a saved model.json, matched by name',
    defaultText: 'weights drawn by the seed',
  }),
  threads: option(whole(1).default(1), {
    value: 'N',
    describe: 'TensorFlow threads per worker; part of the numerics',
  }),
  numerics: option(oneOf('strict', 'tolerant').default('strict'), {
    value: 'MODE',
    describe: 'strict: refuse workers that compute other bits; tolerant: no guarantee',
  }),
  device: option(oneOf('cpu', 'gpu').default('cpu'), {
    value: 'NAME',
    describe: 'cpu, or gpu (needs the CUDA build of TensorFlow)',
  }),
  wire: option(oneOf('f32', 'bf16').default('f32'), {
    value: 'FORMAT',
    describe: 'encoding of gradients in transit: f32, or bf16 in half the bytes',
  }),
};

export const outOption = option(text.default('runs'), {
  value: 'DIR',
  describe: 'folder of the runs',
});

/** How a coordinator leads a run. */
export const leadOptions = {
  evalEvery: option(whole(1).default(1000), {
    value: 'N',
    describe: 'steps between evaluations on the test set',
  }),
  checkpointEvery: option(whole(1).default(100), {
    value: 'N',
    describe: 'steps between checkpoints',
  }),
  proveEvery: option(whole(1).default(50), {
    value: 'N',
    describe: 'maximum steps between state audits, which prove that all workers agree',
  }),
  out: outOption,
  resume: option(text.optional(), { value: 'RUN', describe: 'resume this run' }),
  minWorkers: option(whole(1).default(1), {
    value: 'N',
    describe: 'wait while there are fewer workers',
  }),
  heartbeatTimeout: option(whole(100).default(1000), {
    value: 'MS',
    describe: 'milliseconds without a heartbeat after which a worker is lost',
  }),
  onAlarm: option(oneOf('stop', 'continue').default('stop'), {
    value: 'ACTION',
    describe: 'what to do with a run that does not learn: stop or continue',
  }),
  grpc: option(address.default('127.0.0.1:0'), {
    value: 'HOST:PORT',
    describe: 'where workers connect; port 0 picks one',
  }),
  http: option(address.optional(), {
    value: 'HOST:PORT',
    describe: 'where dashboard and HTTP API listen; port 0 picks one',
    defaultText: `${USUAL_HTTP}, or another port where that is taken`,
  }),
  noDashboard: option(onOff.default(false), { describe: 'do not serve the dashboard' }),
  tensorboard: option(text.optional(), {
    value: 'DIR',
    describe: 'write event files for TensorBoard to a folder of the run below this one',
  }),
  mlflow: option(webAddress.optional(), {
    value: 'URL',
    describe: 'an MLflow tracking server to log the run to',
    defaultText: 'MLFLOW_TRACKING_URI, where that is http(s)',
  }),
  logLevel: option(oneOf('debug', 'info', 'warn', 'error').optional(), {
    value: 'LEVEL',
    describe: 'lowest level of the log on stderr: debug, info, warn or error',
    defaultText: 'info; warn for train, and for a coordinator on a terminal',
  }),
};

/** Where in a resumed run to start; for the first coordinator only. */
export const checkpointOption = {
  checkpoint: option(whole(0).optional(), {
    value: 'VERSION',
    describe: 'with --resume: start from this checkpoint and compute all later steps again',
    defaultText: 'the newest valid one',
  }),
};

/** For the successor of a coordinator that was killed: its ports may be in use by then. */
export const anyPortOption = {
  anyPort: option(onOff.default(false), {
    describe: 'listen on another port where that of --grpc or --http is in use',
  }),
};

/** How many worker processes the local mode starts. */
export const localOptions = {
  workers: option(whole(0).default(Math.max(2, availableParallelism())), {
    value: 'N',
    describe: 'worker processes to start',
    defaultText: 'one per core, at least two',
  }),
};

export const jsonOption = {
  json: option(onOff.default(false), { describe: 'print JSON on stdout, one object per line' }),
};

/** How much of a run to verify. */
export const sampleOption = {
  sample: option(whole(1).optional(), {
    value: 'N',
    describe: 'compute only this many steps again, spread over the run',
    defaultText: 'all of them',
  }),
};

/** Which coordinator a command talks to. */
export const whereOptions = {
  run: option(text.optional(), {
    value: 'RUN',
    describe: 'id or folder of the run',
    defaultText: 'the newest active run',
  }),
  out: outOption,
  http: option(addressOrUrl.optional(), {
    value: 'HOST:PORT|URL',
    describe: 'the coordinator’s HTTP API; https://HOST:PORT, or --tls-ca beside it, for TLS',
    defaultText: 'that of the newest active run',
  }),
};

/** What only a worker has. */
export const workerOptions = {
  logLevel: leadOptions.logLevel,
  coordinator: option(address.optional(), {
    value: 'HOST:PORT',
    describe: 'where the coordinator listens',
  }),
  http: option(address.optional(), {
    value: 'HOST:PORT',
    describe: 'where to serve /healthz, /readyz and /metrics; port 0 picks one',
    defaultText: 'nowhere',
  }),
  id: option(name.optional(), {
    value: 'NAME',
    describe: 'name of this worker; a number is added if another worker has it',
    defaultText: 'host name and a random part',
  }),
  patience: option(whole(0).optional(), {
    value: 'MS',
    describe: 'milliseconds to wait for a coordinator or Redis that cannot be reached',
    defaultText: '300000; without limit with --supervised',
  }),
  leaveWhen: option(oneOf('ended', 'finished', 'never').optional(), {
    value: 'STATE',
    describe: 'when to exit: once the run has ended, once it has finished (for a Job), or never',
    defaultText: 'ended; never with --supervised',
  }),
};
