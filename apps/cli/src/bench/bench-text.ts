import { phaseNames } from '@lockstep/observe';
import { outColours as pc } from '../output/colours.js';
import type { Machine } from './machine.js';
import type { ScalingPoint } from './scaling.js';
import type { Measured, SpeedReport } from './speed.js';
import { table } from './table.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const mega = (bytes: number): string => (bytes / 1e6).toFixed(2);

export function machineText({ cpu, cores, node, platform }: Machine): string {
  return `${pc.bold('machine')}  ${cpu}, ${cores} cores, ${platform}, Node ${node}`;
}

/** What real runs showed, as tables. */
export function speedText(report: SpeedReport): string {
  const { ceiling, ceilingInStep, endToEnd, ratio, ratioInStep, phases, bytes = [] } = report;
  const spread = (name: string, measured: Measured | undefined, show: (n: number) => string) =>
    measured === undefined
      ? []
      : [[name, show(measured.median), measured.rounds.map(show).join(' ')]];
  const whole = (value: number): string => String(Math.round(value));
  const share = (value: number): string => value.toFixed(3);
  const speeds = [
    ...spread('ceiling', ceiling, whole),
    ...spread('ceiling, in step', ceilingInStep, whole),
    ...spread('end to end', endToEnd, whole),
    ...spread('end to end / ceiling', ratio, share),
    ...spread('end to end / ceiling, in step', ratioInStep, share),
  ];
  const sections: string[] = [];
  if (speeds.length > 0) sections.push(table(['samples/s', 'median', 'rounds'], speeds));
  if (phases) {
    const { wallMs, otherMs } = phases;
    const row = (name: string, ms: number): string[] => [name, ms.toFixed(2), percent(ms / wallMs)];
    const rows = phaseNames.map((name) => row(name, phases.phases[name]));
    const all = [...rows, row('other', otherMs), row('whole step', wallMs)];
    sections.push(
      `${table(['phase', 'ms a step', 'share'], all)}\n${percent(phases.accountedFor)} of the wall time accounted for, over ${phases.steps} steps`,
    );
  }
  if (bytes.length > 0) {
    const rows = bytes.map((row) => [
      ...[row.wire, mega(row.up), mega(row.denseUp), `${row.timesFewerUp.toFixed(1)} ×`],
      ...[mega(row.down), mega(row.denseDown), `${row.timesFewerDown.toFixed(1)} ×`],
    ]);
    const head = ['wire', 'MB up a step', 'dense', 'fewer', 'MB down a step', 'weights', 'fewer'];
    sections.push(table(head, rows));
  }
  return sections.join('\n\n');
}

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
