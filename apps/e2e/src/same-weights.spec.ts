import { describe, expect, it } from 'vitest';
import { countedShards, readLedger, weightsHashOfLastCheckpoint } from './harness/run-files.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';

const LEAST_SHARE = 0.05;

describe('the same run gives the same weights, bit for bit', () => {
  it.each([2, 3, 5])('with %i workers, each of which did its part', async (workers) => {
    const sandbox = createSandbox();
    const counts = ['--workers', String(workers), '--min-workers', String(workers)];
    const run = startReference(sandbox, counts);
    const { folder } = await run.event('run-started');
    expect(await finished(run)).toBe(referenceSha256());

    const ledger = readLedger(folder);
    expect(ledger.map(({ step }) => step)).toEqual(ledger.map((_, i) => i + 1));
    const counted = [...countedShards(ledger).values()];
    const total = counted.reduce((sum, count) => sum + count, 0);
    expect(total).toBe(50);
    expect(counted).toHaveLength(workers);
    expect(Math.min(...counted) / total).toBeGreaterThanOrEqual(LEAST_SHARE);

    expect(weightsHashOfLastCheckpoint(folder)).toBe(referenceSha256());
    await sandbox.empty();
  });
});
