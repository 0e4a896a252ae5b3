import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AccessOptions, CoordinatorOptions, RunRequest } from '@lockstep/coordinator';
import {
  bySetting,
  defaultRecipe,
  stepsOfEpochs,
  tutorialRecipe,
  type Given,
  type Recipe,
  type Setting,
} from '@lockstep/core';
import { parseAugmentations } from '@lockstep/data/augmentations';
import { dataReaders, type ReaderSettings } from '@lockstep/data/readers';
import { losses, type LossSettings } from '@lockstep/model/objective';
import { optimizerSettings, optimizerSpec, type OptimizerSettings } from '@lockstep/optim';
import { hasParent } from '../parent.js';
import type { Values } from './option.js';
import {
  USUAL_HTTP,
  type anyPortOption,
  type leadOptions,
  type runOptions,
} from './run-options.js';
import { isWebAddress } from './schemas.js';
import type { joinTokensOption, serveOptions, tlsCaOption } from './security-options.js';

const beside = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The built dashboard: beside the command in the published package, in its own package in a clone. */
const DASHBOARD = existsSync(beside('page')) ? beside('page') : beside('../../dashboard/dist');

type RunSettings = Values<typeof runOptions> & Pick<Values<typeof leadOptions>, 'evalEvery'>;

/** The run that the options describe: the recipe, with what was given beside it. */
export function runRequest(options: RunSettings): RunRequest {
  const recipe = options.recipe === 'tutorial' ? tutorialRecipe : defaultRecipe;
  const { model, data, seed, threads, numerics, device, wire } = options;
  const { batch = recipe.batch, keepProb = recipe.keepProb } = options;
  const { clipNorm, ema, initFrom, onNonfinite } = options;
  const shardSize = Math.min(batch, options.shardSize ?? recipe.shardSize);
  return {
    ...{ model, data, batch, shardSize, plan: planOf(options, recipe, batch) },
    ...(initFrom === undefined ? {} : { initFrom }),
    ...(clipNorm === undefined ? {} : { clipNorm }),
    ...(ema === undefined ? {} : { ema }),
    dataSettings: given<ReaderSettings>(dataReaders.settings, options),
    loss: { loss: options.loss, given: given<LossSettings>(losses.settings, options) },
    ...(onNonfinite === 'stop' ? {} : { onNonfinite }),
    ...selectionOf(options),
    ...(options.augment === undefined ? {} : { augment: parseAugmentations(options.augment) }),
    ...{ keepProb, seed, threads, numerics, device, wire },
  };
}

/** Evaluations that decide about a run belong to it; others only report. */
function selectionOf(options: RunSettings): Pick<RunRequest, 'selection'> {
  const { earlyStopping, keepBest, evalEvery } = options;
  if (earlyStopping === undefined && !keepBest) return {};
  return {
    selection: {
      evalEvery,
      ...(earlyStopping === undefined ? {} : { earlyStopping }),
      ...(keepBest ? { keepBest } : {}),
    },
  };
}

/** @throws LockstepError `bad-option` where optimizer or schedule do not have what was given */
function planOf(
  options: Values<typeof runOptions>,
  recipe: Recipe,
  batch: number,
): RunRequest['plan'] {
  const { optimizer, schedule, epochs, steps = recipe.steps } = options;
  const given = bySetting<OptimizerSettings, Given<OptimizerSettings>>(
    optimizerSettings,
    ({ key }) => options[key],
  );
  const inSteps = (count: number): ReturnType<RunRequest['plan']> => {
    const choice = { optimizer, schedule, given, steps: count };
    return { steps: count, optimizer: optimizerSpec(choice, recipe.optimizer) };
  };
  // Before the data are known, what does not depend on the number of steps is checked.
  const planned = inSteps(epochs === undefined ? steps : Infinity);
  if (epochs === undefined) return () => planned;
  return (trainCount) => inSteps(stepsOfEpochs(epochs, trainCount, batch));
}

/** The settings of a registry that the user has given. */
function given<Settings>(
  settings: readonly Setting[],
  options: Given<Settings>,
): Readonly<Record<string, unknown>> {
  const all = bySetting<Settings, Given<Settings>>(settings, ({ key }) => options[key]);
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

type AccessSettings = Values<typeof serveOptions> &
  Values<typeof joinTokensOption> &
  Values<typeof tlsCaOption>;
type LeadSettings = Values<typeof leadOptions & typeof anyPortOption> &
  AccessSettings & { readonly supervised: boolean; readonly probes?: string | undefined };

/** How the coordinator is to lead it. */
export function coordinatorOptions(
  options: LeadSettings,
  run: CoordinatorOptions['run'],
  redis: CoordinatorOptions['redis'],
  onEvent: CoordinatorOptions['onEvent'],
): CoordinatorOptions {
  const { out, evalEvery, checkpointEvery, proveEvery, minWorkers, onAlarm } = options;
  const tracking = trackingRequest(options);
  return {
    ...{ run, redis, out, evalEvery, checkpointEvery, proveEvery, minWorkers, onAlarm },
    ...(options.noDashboard ? {} : { dashboard: DASHBOARD }),
    ...listenOptions(options),
    ...(options.probes === undefined ? {} : { probes: options.probes }),
    heartbeatTimeoutMs: options.heartbeatTimeout,
    ...(tracking ? { tracking } : {}),
    stays: options.supervised,
    access: accessOptions(options),
    onEvent,
  };
}

/** A given address is the one to listen on; the default one may already be in use by another run. */
function listenOptions({
  grpc,
  http,
  anyPort,
}: LeadSettings): Pick<CoordinatorOptions, 'grpc' | 'grpcMayMove' | 'http' | 'httpMayMove'> {
  const httpMayMove = anyPort || http === undefined;
  return { grpc, grpcMayMove: anyPort, http: http ?? USUAL_HTTP, httpMayMove };
}

function accessOptions(options: AccessSettings): AccessOptions {
  const { tlsCert, tlsKey, tlsCa, joinTokens, adminTokenFile, viewerTokenFile, insecure } = options;
  return {
    ...{ tlsCert, tlsKey, tlsCa, joinTokens, adminTokenFile, viewerTokenFile, insecure },
    // `lockstep train` starts the workers too, and both listen on this machine only.
    ownWorkers: hasParent() && joinTokens === undefined,
  };
}

type Tracking = NonNullable<CoordinatorOptions['tracking']>;

/**
 * Where to record the run. MLflow's own variables give its server and credentials, as they do for its
 * other clients; credentials are never taken from a flag.
 */
export function trackingRequest(
  { tensorboard, mlflow }: Partial<Pick<Values<typeof leadOptions>, 'tensorboard' | 'mlflow'>>,
  environment: NodeJS.ProcessEnv = process.env,
): Tracking | undefined {
  const url = mlflow ?? mlflowIn(environment);
  if (tensorboard === undefined && url === undefined) return undefined;
  return {
    ...(tensorboard === undefined ? {} : { tensorboard }),
    ...(url === undefined ? {} : { mlflow: { url, ...mlflowSettings(environment) } }),
  };
}

/** The variable may also name a file or a database, which only MLflow's own clients can use. */
function mlflowIn({ MLFLOW_TRACKING_URI: uri }: NodeJS.ProcessEnv): string | undefined {
  return uri !== undefined && isWebAddress(uri) ? uri : undefined;
}

function mlflowSettings(environment: NodeJS.ProcessEnv): {
  experiment: string;
  authorization?: string;
} {
  const { MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password = '' } = environment;
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_EXPERIMENT_NAME } = environment;
  const experiment = MLFLOW_EXPERIMENT_NAME ?? 'lockstep';
  if (user !== undefined) {
    const pair = Buffer.from(`${user}:${password}`).toString('base64');
    return { experiment, authorization: `Basic ${pair}` };
  }
  return { experiment, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
}
