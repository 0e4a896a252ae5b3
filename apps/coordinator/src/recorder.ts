import { LockstepError, type Contribution, type Numerics } from '@lockstep/core';
import type { Ledger, LedgerEntry } from '@lockstep/store';

/**
 * Writes each step's contributions into the ledger before the step is applied. A step that the
 * ledger holds already, being computed again after a restart, must come out with the same hashes,
 * unless numerics are tolerant.
 *
 * @param recorded the steps the ledger holds beyond the version gone on from
 * @returns throws LockstepError `run-failed` where bits differ, `disk-full`, `internal`
 */
export function createRecorder(
  ledger: Ledger,
  term: number,
  recorded: ReadonlyMap<number, LedgerEntry>,
  numerics: Numerics,
): (step: number, contributions: readonly Contribution[]) => void {
  return (step, contributions) => {
    const entry = entryOf(step, term, contributions);
    const before = recorded.get(step);
    if (!before) ledger.append(entry);
    else if (numerics === 'strict') mustAgree(before, entry);
  };
}

function entryOf(step: number, term: number, contributions: readonly Contribution[]): LedgerEntry {
  const samples = contributions.reduce((sum, { sampleCount }) => sum + sampleCount, 0);
  return {
    step,
    term,
    shards: contributions.map(({ index, sampleCount, workerId, attempt, sha256 }) => ({
      index,
      sampleCount,
      worker: workerId,
      attempt,
      sha256,
    })),
    loss: contributions.reduce((sum, { lossSum }) => sum + lossSum, 0) / samples,
  };
}

function mustAgree(before: LedgerEntry, now: LedgerEntry): void {
  const differing = now.shards.find(
    ({ sha256 }, position) => sha256 !== before.shards[position]?.sha256,
  );
  if (!differing) return;
  throw new LockstepError(
    'run-failed',
    `step ${now.step} shard ${differing.index}, computed again by ${differing.worker}, came out unlike the ledger says`,
    {
      remedy:
        'this machine computes other bits than the one that began the run: resume it there, or begin a new run',
    },
  );
}
