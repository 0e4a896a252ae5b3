import {
  advance,
  hasEnded,
  initialMachineState,
  LockstepError,
  type Contribution,
  type MachineEffect,
  type MachineEvent,
  type MachineOptions,
  type MachineState,
  type RunCondition,
  type Shard,
  type Verdict,
} from '@lockstep/core';

/** The pure decisions, see `advance`. */
export type StepMachine = typeof advance;

/** What the collector asks of the world around it. */
export interface CollectorPorts {
  readonly now: () => number;
  /** Puts a shard into the queue; a rejection means that the queue cannot be reached. */
  enqueue(order: Extract<MachineEffect, { type: 'enqueue' }>): Promise<void>;
  /** Called once when the queue cannot be used, before it is asked for again. */
  queueLost(reason: string): void;
  /** Puts the same shard into the queue again, whose first time has failed. */
  enqueueAgain(order: Extract<MachineEffect, { type: 'enqueue' }>): Promise<void>;
  /** Resolves once `attempt` has succeeded; calls `stillLost` with every other reason until then. */
  queueBack(
    attempt: () => Promise<void>,
    lost: { readonly reason: string; readonly stillLost: (reason: string) => void },
  ): Promise<void>;
  conditionChanged(condition: RunCondition): void;
  workerLost(worker: string, reason: string): void;
  quarantined(worker: string, reason: string): void;
  failed(code: 'diverged' | 'nondeterminism', reason: string): void;
}

export interface Judged {
  readonly verdict: Verdict;
  readonly reason: string;
}

/**
 * The shell around the step machine: feeds it events one at a time, does what it says, and keeps the
 * contributions of the step being collected until the step machine commits it.
 */
export interface Collector {
  readonly state: MachineState;
  readonly options: MachineOptions;
  /** Tells the step machine of an event and carries out the effects. */
  tell(event: MachineEvent): Judged | undefined;
  /**
   * Says that something could not be queued: the run waits until `attempt`, which queues it again,
   * succeeds.
   */
  loseQueue(error: unknown, attempt: () => Promise<void>): void;
  /** Judges a contribution and keeps it while it may still count. */
  offer(
    contribution: Contribution,
    check: Extract<MachineEvent, { type: 'contributed' }>['check'],
  ): Judged;
  /**
   * Opens a step and resolves to the counted contributions, in shard order; rejects with `internal`
   * where one of them is not there.
   */
  collect(step: number, shards: readonly Shard[]): Promise<readonly Contribution[]>;
  /** Resolves as soon as the run is running; rejects when it has ended. */
  untilRunning(): Promise<void>;
}

interface Collecting {
  resolve(contributions: readonly Contribution[]): void;
  reject(error: LockstepError): void;
}

export function createCollector(
  run: { runId: string; term: number; committedStep: number },
  options: MachineOptions,
  ports: CollectorPorts,
  stepMachine: StepMachine = advance,
): Collector {
  let state = initialMachineState(run, ports.now());
  let kept = new Map<string, Contribution>();
  let collecting: Collecting | undefined;
  let waiting: (() => void)[] = [];

  const perform = (effect: MachineEffect): Judged | undefined => {
    switch (effect.type) {
      case 'enqueue':
        ports
          .enqueue(effect)
          .catch((error: unknown) => loseQueue(error, () => ports.enqueueAgain(effect)));
        return undefined;
      case 'verdict':
        return { verdict: effect.verdict, reason: effect.reason };
      case 'commit': {
        // By place and hash: two shards may have equal bytes, all zeros for example.
        const contributions = effect.hashes.flatMap(
          (sha256, index) => kept.get(keyOf(index, sha256)) ?? [],
        );
        kept = new Map();
        // Never a smaller sum in silence.
        if (contributions.length === effect.hashes.length) collecting?.resolve(contributions);
        else collecting?.reject(missing(effect));
        return undefined;
      }
      case 'condition':
        ports.conditionChanged(effect.condition);
        if (effect.condition.state === 'running') release();
        return undefined;
      case 'worker-lost':
        ports.workerLost(effect.worker, effect.reason);
        return undefined;
      case 'quarantine':
        ports.quarantined(effect.worker, effect.reason);
        return undefined;
      case 'fail':
        ports.failed(effect.code, effect.reason);
        return undefined;
    }
  };

  const release = (): void => {
    const ready = waiting;
    waiting = [];
    for (const go of ready) go();
  };

  const loseQueue = (error: unknown, attempt: () => Promise<void>): void => {
    if (state.queueLostBecause !== undefined || hasEnded(state.condition.state)) return;
    const lost = (reason: string): void => void tell({ type: 'queue-lost', reason });
    const { message } = LockstepError.from(error);
    ports.queueLost(message);
    lost(message);
    const returning = ports.queueBack(attempt, { reason: message, stillLost: lost });
    void returning.then(() => tell({ type: 'queue-restored' }));
  };

  const tell = (event: MachineEvent): Judged | undefined => {
    const next = stepMachine(state, event, ports.now(), options);
    state = next.state;
    return next.effects.map(perform).find((judged) => judged !== undefined);
  };

  return {
    get state() {
      return state;
    },
    options,
    tell,
    loseQueue,
    offer: (contribution, check) => {
      const { runId, term, step, index, attempt, workerId: worker, sha256 } = contribution;
      // Kept before it is judged: the verdict may complete the step at once.
      const open = state.current?.step === step && check === 'ok';
      const key = keyOf(index, sha256);
      const known = kept.has(key);
      if (open) kept.set(key, contribution);
      const ref = { step, index, attempt };
      const judged = tell({ type: 'contributed', worker, runId, term, ref, sha256, check });
      const useful = judged?.verdict === 'counted' || judged?.verdict === 'disputed';
      if (open && !known && !useful) kept.delete(key);
      return judged ?? { verdict: 'late', reason: 'the run has ended' };
    },
    collect: (step, shards) =>
      new Promise((resolve, reject) => {
        collecting = { resolve, reject };
        tell({ type: 'step-opened', step, shards });
      }),
    untilRunning: () =>
      state.condition.state === 'running'
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push(resolve)),
  };
}

function missing({ step }: Extract<MachineEffect, { type: 'commit' }>): LockstepError {
  return new LockstepError('internal', `step ${step} was committed without all its contributions`);
}

function keyOf(index: number, sha256: string): string {
  return `${index}:${sha256}`;
}
