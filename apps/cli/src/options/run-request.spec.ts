import { describe, expect, it } from 'vitest';
import { trackingRequest } from './run-request.js';

describe('where a run is recorded', () => {
  it('is nowhere unless that is asked for', () => {
    expect(trackingRequest({}, {})).toBeUndefined();
    expect(trackingRequest({}, { MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db' })).toBeUndefined();
  });

  it('is what the flags say, and MLflow’s variables where they say nothing', () => {
    const environment = { MLFLOW_TRACKING_URI: 'http://b', MLFLOW_EXPERIMENT_NAME: 'digits' };
    expect(trackingRequest({ tensorboard: 'logs', mlflow: 'http://a' }, environment)).toEqual({
      tensorboard: 'logs',
      mlflow: { url: 'http://a', experiment: 'digits' },
    });
    expect(trackingRequest({}, environment)).toEqual({
      mlflow: { url: 'http://b', experiment: 'digits' },
    });
  });

  it('is let in by user and password, or by a token', () => {
    const environment = { MLFLOW_TRACKING_USERNAME: 'a', MLFLOW_TRACKING_PASSWORD: 'b' };
    const mlflow = (more: NodeJS.ProcessEnv) =>
      trackingRequest({ mlflow: 'http://a' }, more)?.mlflow;
    expect(mlflow(environment)).toMatchObject({ authorization: 'Basic YTpi' });
    expect(mlflow({ MLFLOW_TRACKING_TOKEN: 't' })).toMatchObject({ authorization: 'Bearer t' });
  });
});
