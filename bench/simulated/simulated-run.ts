import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../apps/cli/src/local/child.js';
import { argumentsOf } from '../../apps/cli/src/options/option.js';
import { BenchChild } from '../../apps/cli/src/bench/bench-child.js';
import { measureOthers } from '../../apps/cli/src/bench/machine.js';
import { loadOf, type ProcessLoad } from './process-load.js';
import type { SimulatedOrder } from './simulated-workers-child.js';
import { median } from '../../apps/cli/src/bench/statistics.js';
import { WatchedRun } from '../../apps/cli/src/bench/watch-run.js';

/** A run whose workers compute nothing. */
export interface SimulatedRun {
  readonly workers: number;
  readonly shardSize: number;
  readonly shardsPerStep: number;
  readonly model: string;
}

/** How a run is measured. */
export interface SimulatedSettings {
  readonly data: string;
  /** Samples per second of one simulated worker. */
  readonly rate: number;
  /** Maximum seconds of one measurement, after its warm-up. */
  readonly seconds: number;
  /** The built `lockstep` program. */
  readonly program: string;
}

/** What it showed of the coordinator. */
export interface SimulatedResult {
  readonly steps: number;
  readonly stepsPerSecond: number;
  /** Of all threads of its process, for each shard. */
  readonly cpuMsPerShard: number;
  /** Of the thread with the sockets. */
  readonly mainThreadMsPerShard: number;
  /** Cores' worth of CPU for each worker. */
  readonly coresPerWorker: number;
  readonly rssBytes: number;
  /** Of one contribution. */
  readonly upBytes: number;
  /** Of the update, to each worker. */
  readonly downBytes: number;
  /** What other programs used of the machine meanwhile. */
  readonly othersCores: number | undefined;
}

/** Shards without a pause, until the code that runs for every shard has been compiled. */
const HURRIED_SHARDS = 500;
/** Steps after which the coordinator knows how long a shard takes. */
const WARMUP_STEPS = 20;
/** More steps than any run makes: evaluations and checkpoints are not measured. */
const NEVER = 1_000_000;
const PATIENCE_MS = 120_000;

/** Measures the coordinator of a run: real Redis, real gRPC, its own process; only TensorFlow is missing. */
export async function measureSimulated(
  run: SimulatedRun,
  settings: SimulatedSettings,
  redis: string,
): Promise<SimulatedResult> {
  const out = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  const { seconds, rate, data } = settings;
  const hurried = Math.ceil(HURRIED_SHARDS / run.shardsPerStep);
  const watched = new WatchedRun({ from: hurried + WARMUP_STEPS, to: NEVER, seconds });
  const args = [...argumentsFor(run, data, out), '--redis', redis];
  const coordinator = new Child(args, {
    program: settings.program,
    onLine: (line) => watched.readLine(line),
    onError: (line) => watched.readError(line),
  });
  const pid = coordinator.pid ?? 0;
  let children: readonly BenchChild[] = [];
  try {
    const { grpc } = await watched.listening(coordinator.ended);
    const { fingerprint } = await watched.started(coordinator.ended);
    const order = { coordinator: grpc, redis, samplesPerSecond: rate, hurried, fingerprint };
    children = startWorkers(run.workers, order);
    await watched.warm(coordinator.ended);
    const others = measureOthers();
    const before = loadOf(pid);
    const measured = await watched.measured(coordinator.ended);
    const loads = { before, after: loadOf(pid) };
    return { ...resultOf(run, measured, loads), othersCores: others() };
  } finally {
    await Promise.all(children.map((child) => child.end()));
    coordinator.kill('SIGKILL');
    await coordinator.ended;
    await rm(out, { recursive: true, force: true });
  }
}

function resultOf(
  { workers, shardsPerStep }: SimulatedRun,
  { seconds, steps, timelines }: Awaited<ReturnType<WatchedRun['measured']>>,
  { before, after }: { readonly before: ProcessLoad; readonly after: ProcessLoad },
): Omit<SimulatedResult, 'othersCores'> {
  const shards = steps * shardsPerStep;
  const cpuMs = after.cpuMs - before.cpuMs;
  return {
    steps,
    stepsPerSecond: steps / seconds,
    cpuMsPerShard: cpuMs / shards,
    mainThreadMsPerShard: (after.mainThreadMs - before.mainThreadMs) / shards,
    coresPerWorker: cpuMs / (seconds * 1000) / workers,
    rssBytes: after.rssBytes,
    upBytes: median(timelines.map((step) => step.shards[0]?.payloadBytes ?? 0)),
    downBytes: median(timelines.map(({ updateBytes }) => updateBytes)),
  };
}

function startWorkers(
  count: number,
  order: Omit<SimulatedOrder, 'ids' | 'patienceMs'>,
): readonly BenchChild[] {
  const ids = Array.from({ length: count }, (_, i) => `simulated-${i + 1}`);
  const processes = Math.min(count, availableParallelism());
  return Array.from({ length: processes }, (_, process) => {
    const mine = ids.filter((_id, i) => i % processes === process);
    const full: SimulatedOrder = { ...order, ids: mine, patienceMs: PATIENCE_MS };
    return new BenchChild('simulated-workers-child', full);
  });
}

function argumentsFor(run: SimulatedRun, data: string, out: string): string[] {
  const { workers, shardSize, shardsPerStep, model } = run;
  const values = {
    ...{ batch: shardSize * shardsPerStep, shardSize, steps: NEVER, momentum: 0 },
    ...{ minWorkers: workers, evalEvery: NEVER, checkpointEvery: NEVER },
    // Simulated workers hold no weights: a state audit would fail.
    ...{ proveEvery: NEVER, data, model, out },
    ...{ onAlarm: 'continue', heartbeatTimeout: 10_000 },
  };
  return ['coordinator', ...argumentsOf(values), '--json'];
}
