import { hasEnded } from '@lockstep/core';
import type { ControlAnswer, RunReport, WorkerRow } from '@lockstep/observe';
import { metricsText } from '../output/metrics-text.js';
import { outColours as pc } from '../output/colours.js';

export type Status = Omit<RunReport, 'workers'> & {
  readonly http: string;
  readonly workerCounts: RunReport['workers'];
  readonly workers: readonly WorkerRow[];
};

const number = new Intl.NumberFormat('en-US');
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** A run's status as text. */
export function statusText(status: Status): string {
  const rows: [string, string][] = [
    ['step', stepText(status)],
    ['speed', speedText(status)],
    ['learning', learningText(status)],
    ['workers', workersText(status)],
    ['api', status.http],
  ];
  return [
    `run ${pc.bold(status.runId)} ${stateText(status.state)}: ${status.reason}`,
    ...rows.map(([name, value]) => `  ${pc.dim(name.padEnd(8))} ${value}`),
    ...status.workers.map((worker) => `    ${workerText(worker)}`),
  ].join('\n');
}

function workersText({ state, workerCounts, usefulWorkers }: Status): string {
  if (hasEnded(state)) return 'none: the run has ended';
  return `${workerCounts.ready} ready, up to ${usefulWorkers} useful`;
}

function stepText({ step, steps }: Status): string {
  return `${number.format(step)} of ${number.format(steps)} (${Math.floor((100 * step) / steps)} %)`;
}

function speedText({ samplesPerSecond, secondsLeft }: Status): string {
  if (secondsLeft === null) return '–';
  return `${number.format(Math.round(samplesPerSecond))} samples/s, about ${duration(secondsLeft)} left`;
}

function learningText(status: Status): string {
  const { loss, trainAccuracy, lastEvaluation, bestEvaluation, skippedSteps, spec } = status;
  const parts = [
    loss === null ? 'no step yet' : `loss ${loss.toFixed(4)}`,
    ...(trainAccuracy === null ? [] : [`training accuracy ${percent(trainAccuracy)}`]),
    ...(lastEvaluation
      ? [`${metricsText(lastEvaluation.metrics)} at step ${lastEvaluation.step}`]
      : []),
    ...(bestEvaluation && bestEvaluation.step !== lastEvaluation?.step
      ? [`best at step ${bestEvaluation.step}: ${metricsText(bestEvaluation.metrics)}`]
      : []),
    ...(bestEvaluation && spec.selection?.keepBest ? ['the best is kept as the model'] : []),
    ...(skippedSteps > 0 ? [`${skippedSteps} skipped, without a finite gradient`] : []),
  ];
  return parts.join(', ');
}

function workerText(worker: WorkerRow): string {
  const { id, pid, host, state, reason, shard, share, rssBytes } = worker;
  if (reason !== null) return `${id}  ${pc.dim(`pid ${pid} on ${host}`)}  ${state}: ${reason}`;
  const doing = shard ? `step ${shard.step} shard ${shard.index}` : 'idle';
  const memory = rssBytes === null ? '' : `  ${Math.round(rssBytes / 1e6)} MB`;
  return `${id}  ${pc.dim(`pid ${pid} on ${host}`)}  ${state}, ${doing}  ${Math.round(100 * share)} % of samples since it joined${memory}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}

/** @param already what to say when nothing has changed */
export function controlText(answer: ControlAnswer, already: string): string {
  const { runId, state, reason, step, changed } = answer;
  const note = changed ? '' : pc.dim(` (was ${already})`);
  return `run ${pc.bold(runId)} ${stateText(state)} after step ${step}${note}\n  ${pc.dim(reason)}`;
}

/** A run's state in its colour. */
function stateText(state: ControlAnswer['state']): string {
  switch (state) {
    case 'running':
    case 'finished':
      return pc.green(state);
    case 'waiting-for-workers':
    case 'paused':
    case 'stopped':
      return pc.yellow(state);
    case 'failed':
      return pc.red(state);
  }
}
