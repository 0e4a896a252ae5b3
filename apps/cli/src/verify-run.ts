import {
  ACCURACY_EVERY,
  listCheckpoints,
  loadCheckpoint,
  readInitialWeights,
  readLedger,
  type LedgerEntry,
  type RunFolder,
} from '@lockstep/coordinator';
import { isFiniteUpdate, LockstepError, type RunSpec } from '@lockstep/core';
import { planStep } from '@lockstep/data';
import { computeStep, type Engine } from '@lockstep/engine';

/** The result of computing a run again. */
export interface Verification {
  /** Steps that the ledger holds. */
  readonly steps: number;
  readonly recomputedSteps: number;
  readonly checkpoints: number;
  /** Every disagreement, in words; none when all agrees. */
  readonly findings: readonly string[];
}

interface Stretch {
  /** The version it starts from; 0 for the initial weights. */
  readonly from: number;
  readonly to: number;
}

/**
 * Computes a run, or a sample of it, again and compares every shard's hash with the ledger and the
 * state with every checkpoint on the way.
 *
 * @param engine prepared with the run's spec, model and data
 * @param sample how many steps to compute at least; all when absent
 * @param onStep called after each step
 */
export async function verifyRun(
  { disk, record }: RunFolder,
  engine: Engine,
  sample: number | undefined,
  onStep: (recomputed: number, of: number) => void,
): Promise<Verification> {
  const { spec, runId } = record;
  const findings: string[] = [];
  const { entries, droppedBytes } = await readLedger(disk, runId);
  if (droppedBytes > 0) findings.push(`the ledger’s last line is torn (${droppedBytes} bytes)`);
  const sound = new Map<number, Uint8Array>();
  const versions = await listCheckpoints(disk);
  for (const version of versions) {
    try {
      sound.set(version, (await loadCheckpoint(disk, version, spec)).state);
    } catch (error) {
      findings.push(LockstepError.from(error).message);
    }
  }
  const stretches = planStretches(entries.length, [...sound.keys()], sample);
  const total = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  let recomputedSteps = 0;
  for (const { from, to } of stretches) {
    const state = sound.get(from);
    if (state) await engine.run('load', { version: from, state });
    else await engine.run('initialise', await readInitialWeights(disk, spec));
    for (let step = from + 1; step <= to; step++) {
      findings.push(...(await recompute(engine, spec, entries[step - 1]?.entry, step)));
      const checkpoint = sound.get(step);
      if (checkpoint) findings.push(...(await compareState(engine, step, checkpoint)));
      onStep(++recomputedSteps, total);
    }
  }
  return { steps: entries.length, recomputedSteps, checkpoints: versions.length, findings };
}

/** The whole run, or some steps after the initial weights and after each checkpoint. */
function planStretches(
  steps: number,
  checkpoints: readonly number[],
  sample: number | undefined,
): readonly Stretch[] {
  if (sample === undefined || sample >= steps) return [{ from: 0, to: steps }];
  const starts = [0, ...checkpoints].filter((version) => version < steps);
  const each = Math.ceil(sample / starts.length);
  return starts.map((from, place) => ({
    from,
    to: Math.min(from + each, starts[place + 1] ?? steps),
  }));
}

async function recompute(
  engine: Engine,
  spec: RunSpec,
  entry: LedgerEntry | undefined,
  step: number,
): Promise<readonly string[]> {
  const findings: string[] = [];
  const shards = planStep(spec, step);
  const { update, hashes } = await computeStep(engine, shards, step % ACCURACY_EVERY === 0);
  for (const { index } of shards) {
    const counted = entry?.shards[index];
    const sha256 = hashes[index] ?? '';
    if (counted?.sha256 === sha256) continue;
    findings.push(
      `step ${step} shard ${index}: the ledger counts ${counted?.sha256.slice(0, 12) ?? 'nothing'} from ${counted?.worker ?? 'no worker'}, computed again it is ${sha256.slice(0, 12)}`,
    );
  }
  const isSkipped = spec.onNonfinite === 'skip' && !isFiniteUpdate(update, spec);
  if (isSkipped !== (entry?.skipped === true)) {
    const found = isSkipped ? 'is not finite' : 'is finite';
    findings.push(`step ${step}: its gradient ${found}, the ledger says otherwise`);
  }
  await engine.run('apply', { version: step, update });
  return findings;
}

async function compareState(
  engine: Engine,
  version: number,
  state: Uint8Array,
): Promise<readonly string[]> {
  const computed = await engine.run('export', {});
  return Buffer.compare(computed.state, state) === 0
    ? []
    : [`the checkpoint of step ${version} does not hold the state that follows from the ledger`];
}
