import { phaseNames } from '@lockstep/observe';
import { outColours as pc } from '../output/colours.js';
import type { Machine } from './machine.js';
import { columns } from '../output/columns.js';
import type { Measured, SpeedReport } from './speed.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const mega = (bytes: number): string => (bytes / 1e6).toFixed(2);

export function machineText({ cpu, cores, node, platform }: Machine): string {
  return `${pc.bold('machine')}  ${cpu}, ${cores} cores, ${platform}, Node ${node}`;
}

/** A report as tables. */
export function speedText(report: SpeedReport): string {
  const { phases, bytes = [] } = report;
  return [
    ...speedTable(report),
    ...(phases ? [phaseTable(phases)] : []),
    ...(bytes.length > 0 ? [byteTable(bytes)] : []),
  ].join('\n\n');
}

/** None where no speed was measured. */
function speedTable(report: SpeedReport): string[] {
  const { ceiling, ceilingInStep, endToEnd, ratio, ratioInStep } = report;
  const spread = (name: string, measured: Measured | undefined, show: (n: number) => string) =>
    measured === undefined
      ? []
      : [[name, show(measured.median), measured.rounds.map(show).join(' ')]];
  const whole = (value: number): string => String(Math.round(value));
  const share = (value: number): string => value.toFixed(3);
  const rows = [
    ...spread('ceiling', ceiling, whole),
    ...spread('ceiling, in step', ceilingInStep, whole),
    ...spread('end to end', endToEnd, whole),
    ...spread('end to end / ceiling', ratio, share),
    ...spread('end to end / ceiling, in step', ratioInStep, share),
  ];
  return rows.length === 0 ? [] : [table(['samples/s', 'median', 'rounds'], rows)];
}

function phaseTable(report: NonNullable<SpeedReport['phases']>): string {
  const { wallMs, otherMs, phases, accountedFor, steps } = report;
  const row = (name: string, ms: number): string[] => [name, ms.toFixed(2), percent(ms / wallMs)];
  const rows = phaseNames.map((name) => row(name, phases[name]));
  const all = [...rows, row('other', otherMs), row('whole step', wallMs)];
  const sum = `${percent(accountedFor)} of the wall time accounted for, over ${steps} steps`;
  return `${table(['phase', 'ms per step', 'share'], all)}\n${sum}`;
}

function byteTable(bytes: NonNullable<SpeedReport['bytes']>): string {
  const head = [
    ...['wire', 'MB up per step', 'dense', 'fewer'],
    ...['MB down per step', 'weights', 'fewer'],
  ];
  const rows = bytes.map((row) => [
    ...[row.wire, mega(row.up), mega(row.denseUp), `${row.timesFewerUp.toFixed(1)} ×`],
    ...[mega(row.down), mega(row.denseDown), `${row.timesFewerDown.toFixed(1)} ×`],
  ]);
  return table(head, rows);
}

/** Rows under a head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const [title = '', ...lines] = columns([head, ...rows]);
  return [pc.dim(title), ...lines].join('\n');
}
