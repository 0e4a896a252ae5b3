import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { inject, describe, expect, it } from 'vitest';
import { lockstep } from './harness/lockstep.js';
import { checkpointVersions, readLedger, readSpec } from './harness/run-files.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference, startTraining } from './harness/train.js';

const BAD_INPUT = 2;

describe('a run that is resumed with more steps', () => {
  it('has the same weights after interruptions, keeps its ledger, and is verified', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '1', '--checkpoint-every', '4']);
    const { runId, folder } = await run.event('run-started');
    expect(await finished(run)).toBe(referenceSha256());
    const before = readLedger(folder);
    const copies = join(sandbox.folder, 'copies');
    cpSync(sandbox.runs, copies, { recursive: true });

    // Nothing of a request is done where a part of it is wrong.
    const wrong = ['--batch', '40', '--seed', '9', '--steps', '10', '--data', sandbox.temporary];
    const where = ['--out', sandbox.runs, '--json', '--workers', '1'];
    const refused = await lockstep(sandbox, ['train', '--resume', runId, ...where, ...wrong]);
    expect(refused.code).toBe(BAD_INPUT);
    expect(refused.stderr).toMatch(/--batch is 40[\s\S]*--seed is 9[\s\S]*--data is /);
    expect(readSpec(folder).segments).toBeUndefined();

    // One goes straight on, from an earlier checkpoint and with its data elsewhere.
    const moved = join(sandbox.folder, 'moved');
    cpSync(inject('smallData'), moved, { recursive: true });
    const more = ['--resume', runId, '--steps', '16'];
    const straight = startTraining(sandbox, [
      ...[...more, '--checkpoint', '4', '--data', moved, '--workers', '2'],
    ]);
    expect(await straight.event('run-started')).toMatchObject({ steps: 16, resumedAt: 4 });
    const weights = await finished(straight);
    expect(readLedger(folder).slice(0, before.length)).toEqual(before);
    expect(readSpec(folder).segments).toEqual([{ afterStep: 10, steps: 16 }]);

    // The other one is stopped at a step after the extension.
    const elsewhere = ['--out', copies, '--workers', '1', '--checkpoint-every', '2'];
    const interrupted = startTraining(sandbox, [...more, ...elsewhere]);
    const { folder: copy } = await interrupted.event('run-started');
    await interrupted.event('checkpoint', ({ step }) => step === 12);
    interrupted.interruptGroup();
    await interrupted.ended;
    expect(checkpointVersions(copy).at(-1)).toBeGreaterThanOrEqual(12);
    const on = startTraining(sandbox, ['--resume', runId, ...elsewhere]);
    expect(await on.event('run-started')).toMatchObject({ steps: 16 });
    expect(await finished(on)).toBe(weights);

    const verified = await lockstep(sandbox, ['verify', runId, '--out', sandbox.runs, '--json']);
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ agrees: true, recomputedSteps: 16 });
    const evaluated = await lockstep(sandbox, ['evaluate', runId, '--out', copies, '--json']);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ step: 16 });
  });
});
