import type { LedgerEntry } from '@lockstep/coordinator';
import type { RunSpec } from '@lockstep/core';
import { faultText } from './fault.js';
import { impactsOf, type Act, type Impact } from './impact.js';
import { accountFor, firstDifference, type LedgerAccount } from './ledger-account.js';
import { spreadOf, type Spread } from './percentiles.js';
import { planText, type ChaosPlan } from './plan.js';
import { milliseconds, stepSpans, type StepArrival } from './step-spans.js';

/** The outcome of a training. */
export interface TrainingFacts {
  readonly runId?: string;
  readonly weightsSha256?: string;
  /** From the first step to the last. */
  readonly arrivals: readonly StepArrival[];
  /** Exit code, or the name of the signal. */
  readonly ended: number | string;
  /** Its last lines on stderr. */
  readonly said: readonly string[];
  readonly spec?: RunSpec;
  readonly ledger: readonly LedgerEntry[];
  /** What is wrong with the ledger's file, if anything. */
  readonly ledgerDamage?: string;
}

export interface ChaosFacts {
  readonly seed: number;
  readonly plan: ChaosPlan;
  readonly acts: readonly Act[];
  /** Entries of the plan that were not carried out. */
  readonly left: ChaosPlan;
  readonly undisturbed: TrainingFacts;
  readonly disturbed: TrainingFacts;
}

export interface TrainingReport {
  readonly runId: string | null;
  readonly weightsSha256: string | null;
  /** From the first step to the last. */
  readonly seconds: number;
  readonly stepMs: Spread | null;
}

export interface ChaosReport {
  readonly event: 'chaos';
  /** Whether weights and ledger agree. */
  readonly equal: boolean;
  /** Every disagreement, in words. */
  readonly findings: readonly string[];
  readonly seed: number;
  /** Repeats the faults with `--plan`. */
  readonly plan: string;
  readonly undisturbed: TrainingReport;
  readonly disturbed: TrainingReport;
  readonly ledger: LedgerAccount | null;
  /** Entries of the plan that were not carried out. */
  readonly left: string;
  /** How often each kind of fault was injected, and what it cost. */
  readonly impacts: readonly Impact[];
  /** Seconds count from the first step. */
  readonly acts: readonly { seconds: number; step: number; fault: string; target: string }[];
}

/** Compares the two trainings, and computes what each kind of fault cost. Pure. */
export function chaosReport(facts: ChaosFacts): ChaosReport {
  const { seed, plan, acts, left, undisturbed, disturbed } = facts;
  const spec = undisturbed.spec ?? disturbed.spec;
  const account = spec ? accountFor(spec, disturbed.ledger) : undefined;
  const findings = findingsOf(facts, account);
  const one = trainingReport(undisturbed);
  const begin = disturbed.arrivals[0]?.at ?? 0;
  return {
    event: 'chaos',
    equal: findings.length === 0,
    findings,
    seed,
    plan: planText(plan),
    undisturbed: one,
    disturbed: trainingReport(disturbed),
    ledger: account ?? null,
    left: planText(left),
    impacts: impactsOf(acts, disturbed.arrivals, one.stepMs?.p50 ?? 0),
    acts: acts.map(({ at, step, fault, target }) => ({
      ...{ seconds: Math.round((at - begin) / 10) / 100, step, fault: faultText(fault), target },
    })),
  };
}

function trainingReport({ runId, weightsSha256, arrivals }: TrainingFacts): TrainingReport {
  const elapsed = (arrivals.at(-1)?.at ?? 0) - (arrivals[0]?.at ?? 0);
  return {
    runId: runId ?? null,
    weightsSha256: weightsSha256 ?? null,
    seconds: Math.round(elapsed) / 1000,
    stepMs: spreadOf(stepSpans(arrivals).map(milliseconds)) ?? null,
  };
}

/** Two equal trainings prove nothing where neither was disturbed. */
const NO_ACT = 'no fault was injected: none came due before the end, or there was no target';

function findingsOf(
  { undisturbed, disturbed, acts }: ChaosFacts,
  account: LedgerAccount | undefined,
): readonly string[] {
  const findings = [
    ...troubles('undisturbed', undisturbed),
    ...troubles('disturbed', disturbed),
    ...weightsFindings(undisturbed, disturbed),
    ...(acts.length > 0 ? [] : [NO_ACT]),
  ];
  if (account && account.samplesLost > 0) findings.push(`${account.samplesLost} samples were lost`);
  if (account && account.samplesDoubled > 0) {
    findings.push(`${account.samplesDoubled} samples counted more than once`);
  }
  return findings;
}

function troubles(which: string, { ended, said, ledgerDamage }: TrainingFacts): readonly string[] {
  // Without the workers' logs, which are JSON.
  const words = said
    .filter((line) => !line.startsWith('{'))
    .slice(-5)
    .join('\n');
  return [
    ...(ended === 0 ? [] : [`the ${which} training ended with ${ended}: ${words}`]),
    ...(ledgerDamage === undefined ? [] : [`the ledger of the ${which} training: ${ledgerDamage}`]),
  ];
}

function weightsFindings(one: TrainingFacts, other: TrainingFacts): readonly string[] {
  const [mine, its] = [one.weightsSha256, other.weightsSha256];
  const findings: string[] = [];
  if (mine === undefined || mine !== its) {
    findings.push(`the weights are not equal: ${mine ?? 'none'} and ${its ?? 'none'}`);
  }
  const step = firstDifference(one.ledger, other.ledger);
  if (step !== undefined) findings.push(`the ledgers differ from step ${step}`);
  return findings;
}
