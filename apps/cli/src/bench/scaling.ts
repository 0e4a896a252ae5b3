import { startRedis } from '@lockstep/runtime';
import type { BenchSettings } from './bench-settings.js';
import { measureBare } from './measure-bare.js';
import { measureSimulated, type SimulatedResult, type SimulatedRun } from './simulated-run.js';
import { median } from './statistics.js';

/** One point of a series: the medians over the rounds. */
export interface ScalingPoint extends SimulatedResult {
  readonly workers: number;
  readonly shardSize: number;
  readonly shardsPerStep: number;
  /** Millions of parameters, where that is what varies. */
  readonly millions?: number;
  /** Steps a second against those of one worker of the series; 1 is perfect. */
  readonly share?: number;
  /** Bare grpc-js moving the same bytes. */
  readonly bareCpuMsPerShard: number;
  /** All of the coordinator's CPU against it, in the same round. */
  readonly cpuRatio: number;
  /** Without the compute thread, which reduces and applies. */
  readonly mainThreadRatio: number;
}

/**
 * Each worker has one shard a step, so perfect scaling makes as many steps a second with 64 workers as
 * with one.
 */
export async function measureScaling(
  settings: BenchSettings,
  tell: (line: string) => void,
): Promise<readonly ScalingPoint[]> {
  const { shardSizes, workerCounts } = settings.simulated;
  const { model } = settings;
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

/** Our coordinator and bare grpc-js by turns. */
export async function measurePoint(
  run: SimulatedRun,
  settings: BenchSettings,
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

/** CPU time is counted in hundredths of a second: fewer bytes than this would be measured too coarsely. */
const MIN_BARE_ROUNDS = 40;

/** A Redis for all measurements of a part, each of which has a run of its own in it. */
export async function withRedis<Value>(work: (redis: string) => Promise<Value>): Promise<Value> {
  const redis = await startRedis();
  try {
    return await work(redis.url);
  } finally {
    await redis.stop();
  }
}

export function describePoint(point: ScalingPoint | undefined): string {
  if (!point) return '';
  const { workers, shardSize, shardsPerStep, stepsPerSecond, cpuMsPerShard } = point;
  return `${workers} workers, ${shardsPerStep} shards of ${shardSize}: ${stepsPerSecond.toFixed(1)} steps/s, ${cpuMsPerShard.toFixed(1)} ms CPU a shard`;
}
