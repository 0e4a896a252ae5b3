import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRunFolder, readLedger } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { startEmbeddedRedis, type RunningRedis } from '@lockstep/runtime';
import { chanceFrom } from './chance.js';
import { disturb } from './disturb.js';
import type { Act } from './impact.js';
import type { ChaosPlan } from './plan.js';
import { chaosReport, type ChaosReport, type TrainingFacts } from './report.js';
import { Saboteur } from './saboteur.js';
import { Training } from './training.js';

export interface ProofOptions {
  /** Arguments of `lockstep train`, without `--redis`, `--out` and `--json`. */
  readonly trainArgs: readonly string[];
  /** Folder that keeps the runs; without one they are kept only where they differ. */
  readonly out?: string;
  readonly seed: number;
  readonly plan: ChaosPlan;
  readonly onNote: (note: string) => void;
  /** @param begin of the disturbed training's first step, on the act's clock */
  readonly onAct: (act: Act, begin: number) => void;
}

/** The result: a report, or an undisturbed training that did not finish. */
export type Proof = { readonly report: ChaosReport; readonly out: string } | TrainingFacts;

/**
 * Trains twice with the same arguments, first undisturbed, then under the plan's fault injection, and
 * compares. No process and no Redis that it started remains, whatever happens.
 *
 * @param signal aborted to end in good order
 * @param hurry aborted to end at once
 */
export async function prove(
  options: ProofOptions,
  signal: AbortSignal,
  hurry: AbortSignal,
): Promise<Proof> {
  const redis = await startEmbeddedRedis();
  const out = options.out ?? mkdtempSync(join(tmpdir(), 'lockstep-chaos-'));
  let kept = options.out !== undefined;
  try {
    const start = (): Training => begin(options, redis, out, signal, hurry);
    options.onNote('training undisturbed');
    const undisturbed = await gatherFacts(start(), out);
    if (undisturbed.ended !== 0 || signal.aborted) return undisturbed;
    options.onNote('training the same again, disturbed');
    const report = await trainDisturbed(options, undisturbed, redis, out, start, signal);
    kept ||= !report.equal && !signal.aborted;
    return { report, out };
  } finally {
    await redis.stop();
    if (!kept) rmSync(out, { recursive: true, force: true });
  }
}

function begin(
  { trainArgs }: ProofOptions,
  redis: RunningRedis,
  out: string,
  signal: AbortSignal,
  hurry: AbortSignal,
): Training {
  const training = new Training([...trainArgs, '--redis', redis.url, '--out', out]);
  const stop = (): void => training.stop();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  hurry.addEventListener('abort', stop, { once: true });
  void training.ended.then(() => {
    signal.removeEventListener('abort', stop);
    hurry.removeEventListener('abort', stop);
  });
  return training;
}

async function trainDisturbed(
  { seed, plan, onAct }: ProofOptions,
  undisturbed: TrainingFacts,
  redis: RunningRedis,
  out: string,
  start: () => Training,
  signal: AbortSignal,
): Promise<ChaosReport> {
  const training = start();
  const acts: Act[] = [];
  const saboteur = new Saboteur(training, redis, chanceFrom(seed), signal);
  // A frozen process cannot end in good order.
  const release = (): void => saboteur.release();
  signal.addEventListener('abort', release, { once: true });
  try {
    const left = await disturb(training, plan, saboteur, signal, (act) => {
      acts.push(act);
      onAct(act, training.record.arrivals[0]?.at ?? act.at);
    });
    const disturbed = await gatherFacts(training, out);
    return chaosReport({ seed, plan, acts, left, undisturbed, disturbed });
  } finally {
    signal.removeEventListener('abort', release);
    release();
  }
}

/** Waits for a training's end and reads what it left in its folder. */
async function gatherFacts(training: Training, out: string): Promise<TrainingFacts> {
  const ended = await training.ended;
  const {
    said,
    record: { started, finished, arrivals },
  } = training;
  const facts = { arrivals, ended, said, ledger: [] };
  if (!started) return facts;
  const { runId } = started;
  const folder = await openRunFolder(out, runId);
  const known = {
    ...{ ...facts, runId, spec: folder.record.spec },
    ...(finished ? { weightsSha256: finished.weightsSha256 } : {}),
  };
  try {
    const { entries, droppedBytes } = await readLedger(folder.disk, runId);
    const ledger = entries.map(({ entry }) => entry);
    return droppedBytes === 0
      ? { ...known, ledger }
      : { ...known, ledger, ledgerDamage: `its last ${droppedBytes} bytes are torn` };
  } catch (error) {
    return { ...known, ledgerDamage: LockstepError.from(error).message };
  }
}
