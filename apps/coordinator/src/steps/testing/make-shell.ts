import { defaultMachineOptions, systemClock, type Clock, type RunEvent } from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';
import type { ShardQueue } from '@lockstep/queue';
import { TrainingTime } from '../../run/active-time.js';
import { RunEnding } from '../../run/run-end.js';
import { RunLog } from '../../run/run-log.js';
import { Timelines } from '../../timeline/timelines.js';
import { StepTraces } from '../../tracing/step-traces.js';
import { WorkerRegistry } from '../../workers/worker-registry.js';
import type { StepShellParts } from '../step-shell-parts.js';
import { StepShell } from '../step-shell.js';

/** A step shell and its registry, without Redis, weights and update stream. */
export function makeShell(
  given: {
    readonly runId?: string;
    readonly clock?: Clock;
    readonly enqueue?: ShardQueue['enqueue'];
    readonly emit?: (event: RunEvent) => void;
  } & Partial<Pick<StepShellParts, 'spec' | 'recorded' | 'timelines' | 'arbiter'>> = {},
): { steps: StepShell; workers: WorkerRegistry } {
  const clock = given.clock ?? systemClock;
  const run = { runId: given.runId ?? 'r', term: 1, committedStep: 0 };
  const workers = new WorkerRegistry(clock);
  const steps = new StepShell({
    ...{ run, clock, workers, spec: given.spec ?? smallSpec({}), options: defaultMachineOptions },
    recorded: given.recorded ?? new Map(),
    queue: { enqueue: given.enqueue ?? (() => Promise.resolve()) },
    updateStream: { broadcast: () => undefined },
    replica: { catchUp: () => Promise.resolve() },
    arbiter: given.arbiter ?? { compute: () => new Promise(() => undefined) },
    ending: new RunEnding(),
    emit: given.emit ?? (() => undefined),
    log: new RunLog(undefined, run),
    time: new TrainingTime(clock),
    timelines: given.timelines ?? new Timelines(),
    traces: new StepTraces(run),
  });
  return { steps, workers };
}
