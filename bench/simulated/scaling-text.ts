import { table } from '../../apps/cli/src/bench/bench-text.js';
import type { ScalingPoint } from './scaling.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const mega = (bytes: number): string => (bytes / 1e6).toFixed(2);

/** A series of simulated runs as a table. */
export function scalingText(points: readonly ScalingPoint[]): string {
  const head = [
    ...['M parameters', 'shard', 'shards', 'workers', 'steps/s', 'of perfect', 'CPU ms/shard'],
    ...[
      'main thread',
      'bare grpc-js',
      'ratio',
      'main ratio',
      'cores/worker',
      'RSS MB',
      'MB up',
      'MB down',
    ],
  ];
  const rows = points.map((point) => [
    ...[point.millions === undefined ? '–' : String(point.millions), String(point.shardSize)],
    ...[String(point.shardsPerStep), String(point.workers), point.stepsPerSecond.toFixed(2)],
    ...[point.share === undefined ? '–' : percent(point.share), point.cpuMsPerShard.toFixed(2)],
    ...[point.mainThreadMsPerShard.toFixed(2), point.bareCpuMsPerShard.toFixed(2)],
    ...[point.cpuRatio.toFixed(2), point.mainThreadRatio.toFixed(2)],
    ...[point.coresPerWorker.toFixed(3), (point.rssBytes / 1e6).toFixed(0)],
    ...[mega(point.upBytes), mega(point.downBytes)],
  ]);
  return table(head, rows);
}
