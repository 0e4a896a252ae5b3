import { fileURLToPath } from 'node:url';
import { boundedSchedule, defaultRecipe, tutorialRecipe } from '@lockstep/core';
import type { AccessOptions, CoordinatorOptions, RunRequest } from '@lockstep/coordinator';
import { optimizerSettings, optimizerSpec } from '@lockstep/optim';
import { hasParent } from '../parent.js';
import { USUAL_HTTP } from './option-table.js';
import type { OptionValues } from './resolve-options.js';
import { trackingRequest } from './tracking-request.js';

/** Where the build leaves the page: beside this command, whose files lie flat in its `dist`. */
const DASHBOARD = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

/** The run that the options describe: the recipe, and what was asked for beside it. */
export function runRequest(options: OptionValues): RunRequest {
  const recipe = options['recipe'] === 'tutorial' ? tutorialRecipe : defaultRecipe;
  const choose = <Value>(key: string, otherwise: Value): Value =>
    (options[key] as Value | undefined) ?? otherwise;
  const batch = choose('batch', recipe.batch);
  const steps = choose('steps', recipe.steps);
  return {
    model: options['model'] as string,
    data: options['data'] as string,
    batch,
    shardSize: Math.min(batch, choose('shardSize', recipe.shardSize)),
    steps,
    optimizer: optimizerSpec(
      choose('optimizer', recipe.optimizer.kind),
      Object.fromEntries(
        optimizerSettings
          .filter(({ key }) => options[key] !== undefined)
          .map(({ key }) => [key, options[key]]),
      ),
      {
        ...recipe.optimizer,
        schedule: boundedSchedule(recipe.optimizer.schedule, steps),
      },
    ),
    keepProb: choose('keepProb', recipe.keepProb),
    seed: options['seed'] as number,
    threads: options['threads'] as number,
    numerics: options['numerics'] as RunRequest['numerics'],
    device: options['device'] as RunRequest['device'],
    wire: options['wire'] as RunRequest['wire'],
  };
}

/** How the coordinator is to lead it. */
export function coordinatorOptions(
  options: OptionValues,
  run: CoordinatorOptions['run'],
  redis: CoordinatorOptions['redis'],
  onEvent: CoordinatorOptions['onEvent'],
): CoordinatorOptions {
  const tracking = trackingRequest(options);
  return {
    run,
    ...(options['noDashboard'] === true ? {} : { dashboard: DASHBOARD }),
    out: options['out'] as string,
    redis,
    grpc: options['grpc'] as string,
    ...httpOptions(options),
    evalEvery: options['evalEvery'] as number,
    checkpointEvery: options['checkpointEvery'] as number,
    proveEvery: options['proveEvery'] as number,
    minWorkers: options['minWorkers'] as number,
    heartbeatTimeoutMs: options['heartbeatTimeout'] as number,
    onAlarm: options['onAlarm'] as CoordinatorOptions['onAlarm'],
    ...(tracking ? { tracking } : {}),
    stays: options['supervised'] === true,
    access: accessOptions(options),
    onEvent,
  };
}

/** An address that was given is the one to listen on; the usual one may be another run's already. */
function httpOptions(options: OptionValues): Pick<CoordinatorOptions, 'http' | 'httpMayMove'> {
  const http = options['http'] as string | undefined;
  return http === undefined ? { http: USUAL_HTTP, httpMayMove: true } : { http };
}

function accessOptions(options: OptionValues): AccessOptions {
  const path = (key: string): string | undefined => options[key] as string | undefined;
  return {
    tlsCert: path('tlsCert'),
    tlsKey: path('tlsKey'),
    tlsCa: path('tlsCa'),
    joinTokens: path('joinTokens'),
    adminTokenFile: path('adminTokenFile'),
    viewerTokenFile: path('viewerTokenFile'),
    insecure: options['insecure'] === true,
    // `lockstep train` starts the workers as well, and both listen to nobody else.
    ownWorkers: hasParent() && options['joinTokens'] === undefined,
  };
}
