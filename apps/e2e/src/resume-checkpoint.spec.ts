import { beforeAll, describe, expect, it } from 'vitest';
import { lockstep } from './harness/lockstep.js';
import { checkpointVersions, readLedger } from './harness/run-files.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference, startTraining } from './harness/train.js';

const BAD_INPUT = 2;

describe('a finished run', () => {
  const undo: (() => void)[] = [];
  let sandbox: Sandbox;
  let runId = '';
  let folder = '';

  beforeAll(async () => {
    sandbox = createSandbox((each) => undo.push(each));
    const run = startReference(sandbox, ['--workers', '1', '--checkpoint-every', '2']);
    ({ runId, folder } = await run.event('run-started'));
    await finished(run);
    return () => undo.forEach((each) => each());
  });

  it('continues from an earlier checkpoint, agrees with its ledger, and ends with the same weights', async () => {
    expect(checkpointVersions(folder)).toContain(4);
    const before = readLedger(folder);
    const again = startTraining(sandbox, [
      '--resume',
      runId,
      '--checkpoint',
      '4',
      '--workers',
      '2',
    ]);
    expect(await again.event('run-started')).toMatchObject({ resumedAt: 4 });
    expect((await again.event('step')).step).toBe(5);
    expect(await finished(again)).toBe(referenceSha256());
    expect(readLedger(folder)).toEqual(before);
  });

  it('lists the existing checkpoints when another is requested', async () => {
    for (const args of [
      ['--resume', runId, '--checkpoint', '3'],
      ['--checkpoint', '4'],
    ]) {
      const { code, stderr } = await lockstep(sandbox, [
        ...['train', '--out', sandbox.runs, '--json', '--workers', '1'],
        ...args,
      ]);
      expect(code).toBe(BAD_INPUT);
      expect(stderr).toMatch(/choose one of 0, .*10|--resume RUN/);
    }
  });
});
