import { resolve } from 'node:path';
import type { TrackedRun } from '../tracker.js';
import { runParams } from './run-params.js';
import { MlflowRefusal, type MlflowRest } from './rest.js';

/** The tag by which a resumed run is found. */
const RUN_TAG = 'lockstep.run_id';

/**
 * Finds the MLflow run of a Lockstep run, or creates it with its parameters.
 *
 * @returns MLflow's id of the run
 */
export async function openMlflowRun(
  rest: MlflowRest,
  experiment: string,
  run: TrackedRun,
  startedAt: number,
  signal: AbortSignal,
): Promise<string> {
  const experimentId = await experimentNamed(rest, experiment, signal);
  const filter = `tags.\`${RUN_TAG}\` = '${run.runId}'`;
  const search = { experiment_ids: [experimentId], filter, max_results: 1 };
  const found = await rest.post('runs/search', search, signal);
  const [known] = Array.isArray(found['runs']) ? (found['runs'] as unknown[]) : [];
  if (known !== undefined) {
    const id = runIdIn({ run: known });
    await rest.post('runs/update', { run_id: id, status: 'RUNNING' }, signal);
    if (run.spec.segments) await tagLength(rest, id, run, signal);
    return id;
  }
  const tags = [
    { key: RUN_TAG, value: run.runId },
    { key: 'lockstep.folder', value: resolve(run.folder) },
  ];
  const created = await rest.post(
    'runs/create',
    { experiment_id: experimentId, run_name: run.runId, start_time: startedAt, tags },
    signal,
  );
  const id = runIdIn(created);
  await rest.post('runs/log-batch', { run_id: id, params: runParams(run.spec) }, signal);
  return id;
}

/** MLflow's parameters are immutable: values changed by an extension are tags. */
async function tagLength(
  rest: MlflowRest,
  id: string,
  { spec }: TrackedRun,
  signal: AbortSignal,
): Promise<void> {
  const tags = runParams(spec)
    .filter(({ key }) => key === 'steps' || key === 'spec_sha256')
    .map(({ key, value }) => ({ key: `lockstep.${key}`, value }));
  await rest.post('runs/log-batch', { run_id: id, tags }, signal);
}

async function experimentNamed(
  rest: MlflowRest,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const find = async (): Promise<string> => {
    const answer = await rest.get('experiments/get-by-name', { experiment_name: name }, signal);
    return text(record(answer['experiment'])['experiment_id']);
  };
  try {
    return await find();
  } catch (error) {
    if (!isRefusal(error, 'RESOURCE_DOES_NOT_EXIST')) throw error;
  }
  try {
    return text((await rest.post('experiments/create', { name }, signal))['experiment_id']);
  } catch (error) {
    // Another coordinator has created it meanwhile.
    if (isRefusal(error, 'RESOURCE_ALREADY_EXISTS')) return find();
    throw error;
  }
}

function isRefusal(error: unknown, code: string): boolean {
  return error instanceof MlflowRefusal && error.code === code;
}

function runIdIn(answer: Record<string, unknown>): string {
  return text(record(record(answer['run'])['info'])['run_id']);
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new Error('MLflow’s answer holds no object where one is promised');
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error('MLflow’s answer holds no id');
}
