import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '@lockstep/runtime';
import { median } from '../../apps/cli/src/bench/statistics.js';
import { measureBare } from './bare-grpc.js';
import {
  measureSimulated,
  type SimulatedResult,
  type SimulatedRun,
  type SimulatedSettings,
} from './simulated-run.js';

export interface ScalingSettings extends SimulatedSettings {
  readonly rounds: number;
  readonly model: string;
  readonly workerCounts: readonly number[];
  readonly shardSizes: readonly number[];
  /** Millions of parameters. */
  readonly modelSizes: readonly number[];
  /** Shards per step. */
  readonly shardCounts: readonly number[];
}

/** One point of a series: the medians over the rounds. */
export interface ScalingPoint extends SimulatedResult {
  readonly workers: number;
  readonly shardSize: number;
  readonly shardsPerStep: number;
  /** Millions of parameters, where that is what varies. */
  readonly millions?: number;
  /** Steps per second relative to the series' run with one worker; 1 is perfect. */
  readonly share?: number;
  /** Bare grpc-js moving the same bytes. */
  readonly bareCpuMsPerShard: number;
  /** All of the coordinator's CPU relative to it, in the same round. */
  readonly cpuRatio: number;
  /** Without the compute thread, which reduces and applies. */
  readonly mainThreadRatio: number;
}

/**
 * Each worker has one shard per step, so perfect scaling makes as many steps per second with 64 workers
 * as with one.
 */
export async function measureScaling(
  settings: ScalingSettings,
  tell: (line: string) => void,
): Promise<readonly ScalingPoint[]> {
  const { shardSizes, workerCounts, model } = settings;
  return withRedis(async (redis) => {
    const points: ScalingPoint[] = [];
    for (const shardSize of shardSizes) {
      const series: ScalingPoint[] = [];
      for (const workers of workerCounts) {
        const run = { workers, shardSize, shardsPerStep: workers, model };
        series.push(await measurePoint(run, settings, redis));
        tell(describePoint(series.at(-1)));
      }
      const alone = series.find(({ workers }) => workers === 1)?.stepsPerSecond;
      points.push(
        ...series.map((point) =>
          alone === undefined ? point : { ...point, share: point.stepsPerSecond / alone },
        ),
      );
    }
    return points;
  });
}

/** The coordinator and bare grpc-js, alternating. */
async function measurePoint(
  run: SimulatedRun,
  settings: ScalingSettings,
  redis: string,
): Promise<ScalingPoint> {
  const rounds: { ours: SimulatedResult; bare: number }[] = [];
  for (let round = 1; round <= settings.rounds; round++) {
    const ours = await measureSimulated(run, settings, redis);
    const { upBytes, downBytes, steps } = ours;
    const shardsPerPeer = run.shardsPerStep / run.workers;
    const { cpuMsPerShard } = await measureBare({
      peers: run.workers,
      upBytes: Math.round(upBytes * shardsPerPeer),
      downBytes,
      rounds: Math.max(MIN_BARE_ROUNDS, steps),
    });
    rounds.push({ ours, bare: cpuMsPerShard / shardsPerPeer });
  }
  const middle = (pick: (round: { ours: SimulatedResult; bare: number }) => number): number =>
    median(rounds.map(pick));
  return {
    ...{ workers: run.workers, shardSize: run.shardSize, shardsPerStep: run.shardsPerStep },
    steps: middle(({ ours }) => ours.steps),
    stepsPerSecond: middle(({ ours }) => ours.stepsPerSecond),
    cpuMsPerShard: middle(({ ours }) => ours.cpuMsPerShard),
    mainThreadMsPerShard: middle(({ ours }) => ours.mainThreadMsPerShard),
    coresPerWorker: middle(({ ours }) => ours.coresPerWorker),
    rssBytes: middle(({ ours }) => ours.rssBytes),
    upBytes: middle(({ ours }) => ours.upBytes),
    downBytes: middle(({ ours }) => ours.downBytes),
    othersCores: middle(({ ours }) => ours.othersCores ?? NaN),
    bareCpuMsPerShard: middle(({ bare }) => bare),
    cpuRatio: middle(({ ours, bare }) => ours.cpuMsPerShard / bare),
    mainThreadRatio: middle(({ ours, bare }) => ours.mainThreadMsPerShard / bare),
  };
}

/** CPU time is counted in hundredths of a second: fewer rounds would be measured too coarsely. */
const MIN_BARE_ROUNDS = 40;

/** One Redis for all measurements of a part, each with a run of its own. */
async function withRedis<Value>(work: (redis: string) => Promise<Value>): Promise<Value> {
  const redis = await startRedis();
  try {
    return await work(redis.url);
  } finally {
    await redis.stop();
  }
}

function describePoint(point: ScalingPoint | undefined): string {
  if (!point) return '';
  const { workers, shardSize, shardsPerStep, stepsPerSecond, cpuMsPerShard } = point;
  return `${workers} workers, ${shardsPerStep} shards of ${shardSize}: ${stepsPerSecond.toFixed(1)} steps/s, ${cpuMsPerShard.toFixed(1)} ms CPU per shard`;
}

/** Fixed where the model's size varies: two workers with a usual shard each. */
const WORKERS = 2;
const SHARD_SIZE = 50;
/** Fixed where the number of shards varies: small, so that it is the number that costs. */
const SMALL_SHARD = 10;
/** Of the data that the sizes are made for, MNIST. */
const PIXELS = 784;
const CLASSES = 10;

/** The coordinator by model size, and by the number of shards of a step. */
export async function measureSizes(
  settings: ScalingSettings,
  tell: (line: string) => void,
): Promise<readonly ScalingPoint[]> {
  const { modelSizes, shardCounts } = settings;
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-models-'));
  const points: ScalingPoint[] = [];
  try {
    await withRedis(async (redis) => {
      for (const millions of modelSizes) {
        const model = await writeModel(folder, millions);
        const size = { workers: WORKERS, shardsPerStep: WORKERS, shardSize: SHARD_SIZE };
        points.push({ ...(await measurePoint({ ...size, model }, settings, redis)), millions });
        tell(`${millions} M parameters, ${describePoint(points.at(-1))}`);
      }
      for (const shardsPerStep of shardCounts) {
        const { model } = settings;
        const workers = Math.min(WORKERS, shardsPerStep);
        const run = { workers, shardsPerStep, shardSize: SMALL_SHARD, model };
        points.push(await measurePoint(run, settings, redis));
        tell(describePoint(points.at(-1)));
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return points;
}

/** A network of one hidden layer that has about so many million parameters. */
async function writeModel(folder: string, millions: number): Promise<string> {
  const units = Math.max(1, Math.round((millions * 1e6) / (PIXELS + CLASSES + 1)));
  const layers = [
    { kind: 'flatten' },
    { kind: 'dense', units },
    { kind: 'relu' },
    { kind: 'dense', units: 'classes' },
  ];
  const file = join(folder, `dense-${millions}m.mjs`);
  const definition = { name: `dense-${millions}m`, layers };
  await writeFile(file, `export default ${JSON.stringify(definition)};\n`);
  return file;
}
