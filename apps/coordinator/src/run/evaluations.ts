import {
  sumByTree,
  type Clock,
  type Evaluation,
  type EvaluationShard,
  type RunSpec,
} from '@lockstep/core';
import { finishMetrics } from '@lockstep/model/objective';
import { evaluationJob } from '../steps/shard-jobs.js';
import type { StepShell } from '../steps/step-shell.js';
import type { WorkerRecord } from '../workers/worker-record.js';
import { checkEvaluation, type EvaluationResult } from './check-evaluation.js';

export interface EvaluationsParts {
  readonly run: { readonly runId: string; readonly term: number };
  readonly steps: Pick<StepShell, 'queueJobs'>;
  readonly clock: Pick<Clock, 'monotonicNow'>;
  readonly plan: (version: number) => readonly EvaluationShard[];
  readonly spec: Pick<RunSpec, 'data' | 'model'>;
  /** Evaluations made by earlier coordinators, newest last. */
  readonly earlier?: readonly Evaluation[];
}

interface Task {
  readonly shard: EvaluationShard;
  attempt: number;
  /** By the monotonic clock, in milliseconds. */
  issuedAt: number;
  takenBy: WorkerRecord | undefined;
  /** Workers that took it, now or before it was queued again: a late result counts too. */
  readonly takers: Set<WorkerRecord>;
  result: EvaluationResult | undefined;
}

interface UnderWay {
  readonly tasks: readonly Task[];
  finish(evaluation: Evaluation): void;
}

/** How long a queued or taken shard may take before it is queued again. */
const SHARD_TIMEOUT_MS = 10_000;
/** How many finished evaluations are kept. */
export const MOST_FINISHED = 5;

/**
 * Evaluations beside the training, in shards of their own, each pinned to one version. Shards are
 * queued at least once; the first result of a shard counts.
 */
export class Evaluations {
  readonly #parts: EvaluationsParts;
  readonly #underWay = new Map<number, UnderWay>();
  #finished: readonly Evaluation[];

  constructor(parts: EvaluationsParts) {
    this.#parts = parts;
    this.#finished = (parts.earlier ?? []).slice(-MOST_FINISHED);
  }

  /** The latest finished ones, newest last. */
  get finished(): readonly Evaluation[] {
    return this.#finished;
  }

  /** Queues a version's shards; resolves when the whole test set has been evaluated. */
  evaluate(version: number): Promise<Evaluation> {
    return new Promise((finish) => {
      const unissued = { attempt: 0, issuedAt: 0, takenBy: undefined, result: undefined };
      const tasks = this.#parts
        .plan(version)
        .map((shard): Task => ({ shard, takers: new Set(), ...unissued }));
      this.#underWay.set(version, { tasks, finish });
      this.#issue(tasks);
    });
  }

  /** @returns whether the worker should compute this shard */
  take(worker: WorkerRecord, version: number, index: number): boolean {
    const task = this.#underWay.get(version)?.tasks[index];
    if (!task || task.result) return false;
    task.takenBy = worker;
    task.takers.add(worker);
    task.issuedAt = this.#parts.clock.monotonicNow();
    return true;
  }

  /**
   * Counts the first result of a shard, from a worker that took it.
   *
   * @throws LockstepError `protocol-violation` if it cannot be a result of that shard
   */
  accept(
    worker: WorkerRecord,
    result: EvaluationResult,
  ): 'counted' | 'duplicate' | 'late' | 'not-yours' {
    const evaluation = this.#underWay.get(result.version);
    const task = evaluation?.tasks[result.index];
    if (!evaluation || !task) return 'late';
    if (task.result) return 'duplicate';
    if (!task.takers.has(worker)) return 'not-yours';
    task.result = checkEvaluation(task.shard, result, this.#parts.spec);
    if (evaluation.tasks.every((each) => each.result)) {
      this.#underWay.delete(result.version);
      const summary = summarise(result.version, evaluation.tasks, this.#parts.spec);
      const others = this.#finished.filter(({ version }) => version !== summary.version);
      this.#finished = [...others, summary].slice(-MOST_FINISHED);
      evaluation.finish(summary);
    }
    return 'counted';
  }

  /** Queues again the shards that a worker gives back. */
  givenBack(worker: WorkerRecord): void {
    this.#issue(this.#open().filter(({ takenBy }) => takenBy === worker));
  }

  /** Queues again the shards that take too long or whose worker has left; call it often. */
  tick(): void {
    const now = this.#parts.clock.monotonicNow();
    this.#issue(
      this.#open().filter(
        ({ takenBy, issuedAt }) => takenBy?.departure || now - issuedAt > SHARD_TIMEOUT_MS,
      ),
    );
  }

  #open(): Task[] {
    return [...this.#underWay.values()].flatMap(({ tasks }) =>
      tasks.filter(({ result }) => !result),
    );
  }

  #issue(tasks: readonly Task[]): void {
    if (tasks.length === 0) return;
    const { run, steps, clock } = this.#parts;
    for (const task of tasks) {
      task.attempt += 1;
      task.issuedAt = clock.monotonicNow();
      task.takenBy = undefined;
    }
    // `tick` queues again what an unreachable queue has lost.
    void steps.queueJobs(tasks.map((task) => evaluationJob(run, task)));
  }
}

function summarise(
  version: number,
  tasks: readonly Task[],
  { data, model }: EvaluationsParts['spec'],
): Evaluation {
  const results = tasks.flatMap(({ result }) => result ?? []);
  const sum = (pick: (result: EvaluationResult) => number): number => sumByTree(results.map(pick));
  const samples = sum(({ sampleCount }) => sampleCount);
  const metricSums = (results[0]?.metricSums ?? []).map((_, i) =>
    sum((result) => result.metricSums[i] ?? 0),
  );
  const metrics = finishMetrics(model.metrics, data.target, metricSums, samples);
  const { accuracy } = metrics;
  return {
    version,
    ...(accuracy === undefined ? {} : { testAccuracy: accuracy }),
    testLoss: sum(({ lossSum }) => lossSum) / samples,
    metrics,
    predictions: Uint16Array.from(results.flatMap(({ predictions }) => [...predictions])),
    confidences: Float32Array.from(results.flatMap(({ confidences }) => [...confidences])),
  };
}
