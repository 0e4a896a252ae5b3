import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { EventNamed, Lockstep } from './harness/lockstep.js';
import { processesOf } from './harness/processes.js';
import { readLedger } from './harness/run-files.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';
import { until } from './harness/until.js';

describe('workers that die as soon as they start', () => {
  it('end a run that would wait for ever, with its state saved', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '1']);
    await run.event('run-started');
    let ended = false;
    void run.ended.finally(() => (ended = true));
    await until('the run gives up', () => {
      for (const { pid, command } of processesOf(sandbox.folder)) {
        if (command.includes('main.js worker')) process.kill(pid, 'SIGKILL');
      }
      return ended;
    });
    expect(await run.ended).toBe(1);
    expect(run.stderr).toContain('no worker could be kept alive');
    expect(run.stderr).toContain('--resume');
    await sandbox.empty();
  });
});

describe('a worker killed in mid-step', () => {
  it('is noticed, its shard handed out again, and the weights are the same', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '2', '--min-workers', '2']);
    const { folder } = await run.event('run-started');
    const step = await killInMidStep(run, folder);
    const reissue = await run.event('reissue', (event) => event.step === step);
    expect(reissue.attempt).toBeGreaterThanOrEqual(2);
    expect(await finished(run)).toBe(referenceSha256());
    await sandbox.empty();
  });

  /**
   * Kills a worker half a step after a step has ended, and again after the next one until the ledger
   * shows that it was one with a shard in hand. Each is replaced before the run goes on, since two
   * are wanted.
   *
   * @returns the step that it was in
   */
  async function killInMidStep(run: Lockstep, folder: string): Promise<number> {
    await nextStep(run);
    const started = performance.now();
    await nextStep(run);
    const halfStepMs = (performance.now() - started) / 2;
    for (let tries = 1; tries <= 4; tries++) {
      const step = await nextStep(run);
      await delay(halfStepMs);
      const [victim] = living(run);
      if (!victim) throw new Error('no worker is left');
      process.kill(victim.pid, 'SIGKILL');
      await run.event('worker', ({ id, state }) => id === victim.id && state === 'lost');
      await nextStep(run);
      const hit = readLedger(folder).find(
        (line) => line.step > step && line.shards.some(({ attempt }) => attempt > 1),
      );
      if (hit) return hit.step;
    }
    throw new Error('no worker that was killed had a shard in hand');
  }
});

/** The next step to be committed. */
async function nextStep(run: Lockstep): Promise<number> {
  const last = Math.max(0, ...run.events.map((event) => (event.event === 'step' ? event.step : 0)));
  return (await run.event('step', ({ step }) => step > last)).step;
}

/** Those that joined and have not been lost. */
function living(run: Lockstep): EventNamed<'worker'>[] {
  const told = run.events.filter(
    (event): event is EventNamed<'worker'> => event.event === 'worker',
  );
  const gone = new Set(told.filter(({ state }) => state !== 'joined').map(({ id }) => id));
  return told.filter(({ id }) => !gone.has(id));
}
