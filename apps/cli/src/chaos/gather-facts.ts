import { openRunFolder, readLedger } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import type { TrainingFacts } from './report.js';
import type { Training } from './training.js';

/** Waits for a training's end and reads what it left in its folder. */
export async function gatherFacts(training: Training, out: string): Promise<TrainingFacts> {
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
