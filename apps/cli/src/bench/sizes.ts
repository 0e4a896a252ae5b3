import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchSettings } from './bench-settings.js';
import { describePoint, measurePoint, withRedis, type ScalingPoint } from './scaling.js';

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
  settings: BenchSettings,
  tell: (line: string) => void,
): Promise<readonly ScalingPoint[]> {
  const { modelSizes, shardCounts } = settings.simulated;
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
