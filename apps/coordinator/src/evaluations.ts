import { LockstepError, type Evaluation, type EvaluationShard } from '@lockstep/core';

export interface EvaluationResult {
  readonly version: number;
  readonly index: number;
  readonly sampleCount: number;
  readonly correctCount: number;
  readonly lossSum: number;
  /** One for each sample of the shard. */
  readonly predictions: Uint8Array;
  readonly confidences: Float32Array;
}

export interface EvaluationPorts {
  readonly now: () => number;
  /** Never rejects. */
  enqueue(shards: readonly { shard: EvaluationShard; attempt: number }[]): Promise<void>;
  plan(version: number): readonly EvaluationShard[];
}

/**
 * Evaluations under way beside the training, in shards of their own, each pinned to one version.
 * Handing out is at-least-once; the first result of a shard counts.
 */
export interface Evaluations {
  /** Hands out a version's shards; resolves when the whole test set has been seen. */
  evaluate(version: number): Promise<Evaluation>;
  /** Whether a worker should compute this shard. */
  take(worker: string, version: number, index: number): boolean;
  accept(result: EvaluationResult): 'counted' | 'duplicate' | 'late';
  /** Hands out again what a worker had in hand. */
  workerGone(worker: string): void;
  /** Hands out again what has been out for too long; to be called now and then. */
  tick(): void;
  /** The last ones done, the newest last. */
  readonly finished: readonly Evaluation[];
}

interface Task {
  readonly shard: EvaluationShard;
  attempt: number;
  issuedAt: number;
  takenBy: string | undefined;
  result: EvaluationResult | undefined;
}

interface UnderWay {
  readonly tasks: readonly Task[];
  finish(evaluation: Evaluation): void;
}

const PATIENCE_MS = 10_000;
/** Evaluations that are kept to be looked at. */
export const MOST_FINISHED = 5;

/** @param earlier those that were done before this coordinator began, the newest last */
export function createEvaluations(
  ports: EvaluationPorts,
  earlier: readonly Evaluation[] = [],
): Evaluations {
  const underWay = new Map<number, UnderWay>();
  let finished = earlier.slice(-MOST_FINISHED);

  const issue = (tasks: readonly Task[]): void => {
    if (tasks.length === 0) return;
    for (const task of tasks) {
      task.attempt += 1;
      task.issuedAt = ports.now();
      task.takenBy = undefined;
    }
    // What a queue out of reach has not taken is handed out again by `tick`.
    void ports.enqueue(tasks.map(({ shard, attempt }) => ({ shard, attempt })));
  };
  const open = (): Task[] =>
    [...underWay.values()].flatMap(({ tasks }) => tasks.filter(({ result }) => !result));

  return {
    evaluate: (version) =>
      new Promise((finish) => {
        const tasks = ports.plan(version).map((shard): Task => ({
          shard,
          attempt: 0,
          issuedAt: 0,
          takenBy: undefined,
          result: undefined,
        }));
        underWay.set(version, { tasks, finish });
        issue(tasks);
      }),
    take: (worker, version, index) => {
      const task = underWay.get(version)?.tasks[index];
      if (!task || task.result) return false;
      task.takenBy = worker;
      task.issuedAt = ports.now();
      return true;
    },
    accept: (result) => {
      const evaluation = underWay.get(result.version);
      const task = evaluation?.tasks[result.index];
      if (!evaluation || !task) return 'late';
      if (task.result) return 'duplicate';
      checkLength(task.shard, result);
      task.result = result;
      if (evaluation.tasks.every((each) => each.result)) {
        underWay.delete(result.version);
        const summary = summarise(result.version, evaluation.tasks);
        const others = finished.filter(({ version }) => version !== summary.version);
        finished = [...others, summary].slice(-MOST_FINISHED);
        evaluation.finish(summary);
      }
      return 'counted';
    },
    workerGone: (worker) => issue(open().filter(({ takenBy }) => takenBy === worker)),
    tick: () => issue(open().filter(({ issuedAt }) => ports.now() - issuedAt > PATIENCE_MS)),
    get finished() {
      return finished;
    },
  };
}

function checkLength(
  { index, sampleCount }: EvaluationShard,
  { sampleCount: answered, predictions, confidences }: EvaluationResult,
): void {
  for (const count of [answered, predictions.length, confidences.length]) {
    if (count === sampleCount) continue;
    throw new LockstepError(
      'protocol-violation',
      `evaluation shard ${index} has ${sampleCount} samples, the answer is over ${count}`,
    );
  }
}

function summarise(version: number, tasks: readonly Task[]): Evaluation {
  const results = tasks.flatMap(({ result }) => result ?? []);
  const sum = (pick: (result: EvaluationResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const samples = sum(({ sampleCount }) => sampleCount);
  const predictions = new Uint8Array(samples);
  const confidences = new Float32Array(samples);
  let first = 0;
  for (const result of results) {
    predictions.set(result.predictions, first);
    confidences.set(result.confidences, first);
    first += result.sampleCount;
  }
  return {
    version,
    testAccuracy: sum(({ correctCount }) => correctCount) / samples,
    testLoss: sum(({ lossSum }) => lossSum) / samples,
    predictions,
    confidences,
  };
}
