import { outColours as pc } from '../output/colours.js';
import { columns } from '../output/columns.js';
import type { Act, Impact } from './impact.js';
import { faultText } from './fault.js';
import type { Spread } from './percentiles.js';
import type { ChaosReport, TrainingReport } from './report.js';

/** One injected fault, on a line. */
export function actText({ at, step, fault, target }: Act, begin: number): string {
  const seconds = ((at - begin) / 1000).toFixed(1);
  return pc.dim(`${seconds.padStart(7)} s  step ${step}  ${faultText(fault)}: ${target}`);
}

/** The report as text, without the last line feed. */
export function reportText(report: ChaosReport): string {
  const { undisturbed, disturbed, ledger, impacts, findings, left } = report;
  const times = columns([
    ['', 'seconds', 'steps', 'p50 ms', 'p90', 'p99', 'max'],
    trainingRow('undisturbed', undisturbed),
    trainingRow('disturbed', disturbed),
  ]);
  const costs = columns([
    [
      'fault',
      'count',
      'alone',
      'extra ms p50',
      'p99',
      'max',
      'next step after ms p50',
      'max',
      'again',
    ],
    ...impacts.map(impactRow),
  ]);
  const frozen = impacts.find(({ kind }) => kind === 'freeze-worker');
  return [
    ...['', ...times, '', ...costs, ''],
    ...(frozen?.hitRatio ? [frozenText(frozen)] : []),
    ...(left === '' ? [] : [`the run was over before: ${left}`]),
    ...(ledger ? [ledgerText(ledger)] : []),
    `weights ${undisturbed.weightsSha256 ?? 'none'} undisturbed`,
    `        ${disturbed.weightsSha256 ?? 'none'} disturbed`,
    report.equal ? pc.green(pc.bold('equal, bit for bit')) : pc.red(pc.bold('not equal')),
    ...findings.map((finding) => `  ${finding}`),
  ].join('\n');
}

function trainingRow(name: string, { seconds, stepMs }: TrainingReport): string[] {
  return [name, seconds.toFixed(1), `${stepMs?.count ?? 0}`, ...figures(stepMs ?? undefined)];
}

function figures(spread: Spread | undefined): string[] {
  return [spread?.p50, spread?.p90, spread?.p99, spread?.max].map(whole);
}

function impactRow({ kind, acts, alone, extraMs, recoveryMs, recomputedSteps }: Impact): string[] {
  const extra = [extraMs?.p50, extraMs?.p99, extraMs?.max].map(whole);
  const recovery = [recoveryMs?.p50, recoveryMs?.max, recomputedSteps?.max].map(whole);
  return [kind, `${acts}`, `${alone}`, ...extra, ...recovery];
}

function frozenText({ hitRatio, afterRatio }: Impact): string {
  const times = (value: number | undefined): string => `${(value ?? 0).toFixed(1)} times`;
  return `a frozen worker made its step take ${times(hitRatio?.p50)} the usual (at most ${times(hitRatio?.max)}), the five after it ${times(afterRatio?.p50)}`;
}

function ledgerText({ samples, samplesLost, samplesDoubled }: ChaosReport['ledger'] & {}): string {
  return `of ${samples} samples ${samplesLost} lost, ${samplesDoubled} counted more than once`;
}

function whole(value: number | undefined): string {
  return value === undefined ? '–' : `${Math.round(value)}`;
}
