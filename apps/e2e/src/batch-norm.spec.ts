import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { lockstep, startLockstep, type Lockstep } from './harness/lockstep.js';
import { newestCheckpointSha256 } from './harness/run-files.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { finished } from './harness/train.js';

const example = fileURLToPath(new URL('../../../examples/residual', import.meta.url));
/** Four shards a step, the last one smaller: the running statistics are weighted means. */
const RUN = [
  ...['--data', join(example, 'data.mjs'), '--model', join(example, 'model.mjs')],
  ...['--optimizer', 'adam', '--steps', '24', '--batch', '26', '--shard-size', '8'],
];

function start(sandbox: Sandbox, args: readonly string[]): Lockstep {
  const where = ['--out', sandbox.runs, '--no-dashboard', '--json'];
  return startLockstep(sandbox, ['train', ...where, '--checkpoint-every', '4', ...args]);
}

/** The weights alone, and the whole state: weights, running statistics and Adam's moments. */
interface Ending {
  readonly weightsSha256: string;
  readonly checkpointSha256: string;
}

async function endingOf(run: Lockstep): Promise<Ending> {
  const { folder } = await run.event('run-started');
  const weightsSha256 = await finished(run);
  return { weightsSha256, checkpointSha256: newestCheckpointSha256(folder) };
}

describe('a residual network with batch normalisation, by Adam', () => {
  const undo: (() => void)[] = [];
  let sandbox: Sandbox;
  let runId = '';
  let alone: Ending;

  beforeAll(async () => {
    sandbox = createSandbox((each) => undo.push(each));
    const run = start(sandbox, [...RUN, '--workers', '1']);
    ({ runId } = await run.event('run-started'));
    alone = await endingOf(run);
    return () => undo.forEach((each) => each());
  });

  it.each([2, 4])('has the state of one worker with %i', async (workers) => {
    const counts = ['--workers', String(workers), '--min-workers', String(workers)];
    expect(await endingOf(start(sandbox, [...RUN, ...counts]))).toEqual(alone);
  });

  it('has it after a worker was killed', async () => {
    const run = start(sandbox, [...RUN, '--workers', '2', '--min-workers', '2']);
    const { pid } = await run.event('worker', ({ state }) => state === 'joined');
    await run.event('step', ({ step }) => step === 3);
    process.kill(pid, 'SIGKILL');
    await run.event('worker', (event) => event.pid === pid && event.state === 'lost');
    expect(await endingOf(run)).toEqual(alone);
  });

  it('has it after its coordinator was killed and the run resumed from a checkpoint', async () => {
    const killed = start(sandbox, [...RUN, '--workers', '2']);
    const started = await killed.event('run-started');
    await killed.event('checkpoint', ({ step }) => step === 4);
    killed.kill('SIGKILL');
    await killed.ended;
    await sandbox.empty();
    const resumed = start(sandbox, ['--resume', started.runId, '--workers', '1']);
    expect((await resumed.event('run-started')).resumedAt).toBeGreaterThanOrEqual(4);
    expect(await endingOf(resumed)).toEqual(alone);
  });

  it('agrees with its ledger and its checkpoints when one engine computes it again', async () => {
    const { stdout } = await lockstep(sandbox, ['verify', runId, '--out', sandbox.runs, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ agrees: true, recomputedSteps: 24 });
  });
});
