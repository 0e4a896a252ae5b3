import type { CoordinatorOptions } from '@lockstep/coordinator';
import type { Values } from './option.js';
import type { leadOptions } from './run-options.js';
import { isWebAddress } from './schemas.js';

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
