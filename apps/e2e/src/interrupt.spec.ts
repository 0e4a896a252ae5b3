import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Lockstep } from './harness/lockstep.js';
import { checkpointVersions, weightsHashOfLastCheckpoint } from './harness/run-files.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference, startTraining } from './harness/train.js';

const INTERRUPTED = 130;

describe('Ctrl-C', () => {
  it.each([
    ['to the process group, as a terminal does', (run: Lockstep) => run.interruptGroup()],
    ['to the command alone', (run: Lockstep) => run.kill('SIGINT')],
  ])('%s saves the run, which goes on as if nothing had been', async (_how, interrupt) => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '2']);
    const { folder } = await run.event('run-started');
    await run.event('step', ({ step }) => step === 3);
    interrupt(run);
    expect(await run.ended).toBe(INTERRUPTED);
    await sandbox.empty();

    const [saved] = checkpointVersions(folder);
    expect(saved).toBeGreaterThanOrEqual(3);
    expect(existsSync(join(folder, 'model', 'model.json'))).toBe(true);
    expect(await resume(sandbox)).toEqual({ resumedAt: saved, weightsSha256: referenceSha256() });
  });

  it('before the first step leaves a run that can be resumed', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '1', '--min-workers', '9']);
    const { reason } = await run.event('state', ({ reason }) => reason.startsWith('1 of 9'));
    expect(reason).toBe('1 of 9 connected; `lockstep scale 9` starts the others');
    expect(run.events.find(({ event }) => event === 'state')).toMatchObject({
      ...{ state: 'waiting-for-workers', reason: '0 of 9 connected' },
    });
    run.interruptGroup();
    expect(await run.ended).toBe(INTERRUPTED);
    await sandbox.empty();
    expect(await resume(sandbox)).toMatchObject({ weightsSha256: referenceSha256() });
  });
});

describe('a training whose output is lost', () => {
  it('trains on when the reader of its stdout has gone and the terminal hangs up', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '2']);
    const { folder } = await run.event('run-started');
    run.closeStdout();
    run.kill('SIGHUP');
    expect(await run.ended).toBe(0);
    expect(run.stderr).toContain('stdout cannot be written (EPIPE): the run continues');
    expect(run.stderr).toContain('the terminal has hung up (SIGHUP)');
    expect(weightsHashOfLastCheckpoint(folder)).toBe(referenceSha256());
    await sandbox.empty();
  });
});

describe('nothing is left behind', () => {
  it('by a run that fails', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '1', '--learning-rate', '1e30']);
    expect(await run.ended).toBe(1);
    expect(run.stderr).toContain('what to do:');
    expect(run.stderr).not.toMatch(/^\s+at /m);
    await sandbox.empty();
  });

  it('by a command killed with kill -9, whose run continues with --resume', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '2', '--checkpoint-every', '2']);
    await run.event('step', ({ step }) => step === 4);
    run.kill('SIGKILL');
    expect(await run.ended).toBe('SIGKILL');
    await sandbox.empty();
    expect(await resume(sandbox)).toMatchObject({ weightsSha256: referenceSha256() });
  });
});

async function resume(
  sandbox: Sandbox,
): Promise<{ resumedAt: number | undefined; weightsSha256: string }> {
  const [name = ''] = sandbox.runNames();
  const run = startTraining(sandbox, ['--workers', '1', '--resume', name]);
  const { resumedAt } = await run.event('run-started');
  const weightsSha256 = await finished(run);
  await sandbox.empty();
  return { resumedAt, weightsSha256 };
}
