import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../local/child.js';
import { argumentsOf } from '../options/arguments.js';
import { startBenchChild, type BenchChild } from './bench-child.js';
import type { BenchSettings } from './bench-settings.js';
import { watchCompany } from './company.js';
import { loadOf } from './process-load.js';
import type { SimulatedOrder } from './simulated-workers-child.js';
import { median } from './statistics.js';
import { watchRun } from './watch-run.js';

/** A run whose workers compute nothing. */
export interface SimulatedRun {
  readonly workers: number;
  readonly shardSize: number;
  readonly shardsPerStep: number;
  readonly model: string;
}

/** What it showed of the coordinator. */
export interface SimulatedResult {
  readonly steps: number;
  readonly stepsPerSecond: number;
  /** Of all threads of its process, for each shard. */
  readonly cpuMsPerShard: number;
  /** Of the thread that has the sockets. */
  readonly mainThreadMsPerShard: number;
  /** Cores' worth of CPU for each worker. */
  readonly coresPerWorker: number;
  readonly rssBytes: number;
  /** Of one shard's answer. */
  readonly upBytes: number;
  /** Of the update, to each worker. */
  readonly downBytes: number;
  /** What other programs used of the machine meanwhile. */
  readonly othersCores: number | undefined;
}

/** Until the code that runs for every shard has been compiled; they take no pause. */
const HURRIED_SHARDS = 500;
/** After which the coordinator knows how long a shard takes. */
const WARMUP_STEPS = 20;
/** More than a run comes to: what only some steps have is no part of the measurement. */
const NEVER = 1_000_000;
const PATIENCE_MS = 120_000;

/** Measures the coordinator of a run: real Redis, real gRPC, its own process; only TensorFlow is missing. */
export async function measureSimulated(
  run: SimulatedRun,
  { simulated, data }: BenchSettings,
  redis: string,
): Promise<SimulatedResult> {
  const out = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  const { seconds, rate } = simulated;
  const hurried = Math.ceil(HURRIED_SHARDS / run.shardsPerStep);
  const watched = watchRun({ from: hurried + WARMUP_STEPS, to: NEVER, seconds });
  const args = [...argumentsFor(run, data, out), '--redis', redis];
  const coordinator = startChild(args, { quiet: true, onLine: watched.hear });
  const pid = coordinator.pid ?? 0;
  let children: readonly BenchChild[] = [];
  try {
    const { grpc } = await watched.listening(coordinator.ended);
    const { fingerprint } = await watched.started(coordinator.ended);
    const order = { coordinator: grpc, redis, samplesPerSecond: rate, hurried, fingerprint };
    children = startWorkers(run.workers, order);
    await watched.warm(coordinator.ended);
    const company = watchCompany();
    const before = loadOf(pid);
    const { seconds: took, steps, timelines } = await watched.measured(coordinator.ended);
    const after = loadOf(pid);
    const shards = steps * run.shardsPerStep;
    const cpuMs = after.cpuMs - before.cpuMs;
    return {
      steps,
      stepsPerSecond: steps / took,
      cpuMsPerShard: cpuMs / shards,
      mainThreadMsPerShard: (after.mainThreadMs - before.mainThreadMs) / shards,
      coresPerWorker: cpuMs / (took * 1000) / run.workers,
      rssBytes: after.rssBytes,
      othersCores: company(),
      upBytes: median(timelines.map((step) => step.shards[0]?.payloadBytes ?? 0)),
      downBytes: median(timelines.map(({ updateBytes }) => updateBytes)),
    };
  } finally {
    await Promise.all(children.map((child) => child.end()));
    coordinator.kill('SIGKILL');
    await coordinator.ended;
    await rm(out, { recursive: true, force: true });
  }
}

function startWorkers(
  count: number,
  order: Omit<SimulatedOrder, 'ids' | 'patienceMs'>,
): readonly BenchChild[] {
  const ids = Array.from({ length: count }, (_, i) => `simulated-${i + 1}`);
  const processes = Math.min(count, availableParallelism());
  return Array.from({ length: processes }, (_, process) => {
    const mine = ids.filter((_id, i) => i % processes === process);
    const told: SimulatedOrder = { ...order, ids: mine, patienceMs: PATIENCE_MS };
    return startBenchChild('simulated-workers-child', told);
  });
}

function argumentsFor(run: SimulatedRun, data: string, out: string): string[] {
  const { workers, shardSize, shardsPerStep, model } = run;
  const values: Record<string, string | number> = {
    ...{ batch: shardSize * shardsPerStep, 'shard-size': shardSize, steps: NEVER, momentum: 0 },
    ...{ 'min-workers': workers, 'eval-every': NEVER, 'checkpoint-every': NEVER },
    // Simulated workers cannot prove the weights that they do not hold.
    ...{ 'prove-every': NEVER, data, model, out },
    ...{ 'on-alarm': 'continue', 'heartbeat-timeout': 10_000 },
  };
  return ['coordinator', ...argumentsOf(values), '--json'];
}
