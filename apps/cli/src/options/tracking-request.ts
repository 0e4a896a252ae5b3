import type { CoordinatorOptions } from '@lockstep/coordinator';
import type { OptionValues } from './resolve-options.js';
import { isWebAddress } from './schemas.js';

type Tracking = NonNullable<CoordinatorOptions['tracking']>;

/**
 * Where the run is to be recorded. MLflow's own variables say where its server is and how to be let
 * in, as they do for its other clients; credentials are never taken from a flag.
 */
export function trackingRequest(
  options: OptionValues,
  environment: NodeJS.ProcessEnv = process.env,
): Tracking | undefined {
  const tensorboard = options['tensorboard'] as string | undefined;
  const url = (options['mlflow'] as string | undefined) ?? mlflowIn(environment);
  if (tensorboard === undefined && url === undefined) return undefined;
  return {
    ...(tensorboard === undefined ? {} : { tensorboard }),
    ...(url === undefined ? {} : { mlflow: { url, ...mlflowSettings(environment) } }),
  };
}

/** MLflow's variable may also name a file or a data base, which is for its own clients alone. */
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
