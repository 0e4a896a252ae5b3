import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockstep, type EventNamed, type Lockstep } from './harness/lockstep.js';
import { killCoordinator } from './harness/processes.js';
import { checkpointVersions, readLedger, readSpec } from './harness/run-files.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { succeed } from './harness/succeed.js';
import { finished, referenceSha256, startReference, startTraining } from './harness/train.js';

const BAD_INPUT = 2;
const SIZES = [
  ...['--batch', '20', '--shard-size', '4', '--seed', '5', '--steps', '6'],
  ...['--augment', 'shift:2,rotate:10'],
];

it('a run with given weights and augmentation has the same bits with any workers and a coordinator killed', async () => {
  const sandbox = createSandbox();
  const first = startReference(sandbox, ['--workers', '1']);
  const { runId, folder } = await first.event('run-started');
  await finished(first);

  const alone = startTraining(sandbox, ['--init-from', runId, ...SIZES, '--workers', '1']);
  const begun = await alone.event('run-started');
  expect(begun.initial).toEqual({ from: runId, taken: 8, fresh: [] });
  expect(readSpec(begun.folder).initSha256).toBe(referenceSha256());
  const weights = await finished(alone);

  // From the saved model; no checkpoint is made before the coordinator is killed.
  const saved = join(folder, 'model', 'model.json');
  const three = startTraining(sandbox, [
    ...['--init-from', saved, ...SIZES, '--workers', '3', '--checkpoint-every', '100'],
  ]);
  const { runId: disturbed } = await three.event('run-started');
  await three.event('step', ({ step }) => step === 2);
  killCoordinator(sandbox.folder);
  expect(await three.event('run-started', ({ term }) => term === 2)).toMatchObject({
    initial: { from: saved, taken: 8 },
    resumedAt: 0,
  });
  expect(await finished(three)).toBe(weights);

  const { stdout } = await lockstep(sandbox, [
    ...['verify', disturbed, '--out', sandbox.runs, '--json'],
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ agrees: true, recomputedSteps: 6 });

  const runs = sandbox.runNames();
  const refused = startTraining(sandbox, ['--init-from', saved, '--model', 'lenet5']);
  expect(await refused.ended).toBe(BAD_INPUT);
  expect(refused.stderr).toContain(
    'conv1/weights is [5, 5, 1, 6] in the network, [5, 5, 1, 32] given',
  );
  expect(sandbox.runNames()).toEqual(runs);
});

it('early stopping ends at the same step with any workers and a coordinator killed; the best model is saved', async () => {
  const sandbox = createSandbox();
  const rules = ['--eval-every', '3', '--early-stopping', '2', '--keep-best', '--steps', '300'];
  const sizes = ['--batch', '20', '--shard-size', '4', '--checkpoint-every', '4'];
  const alone = startTraining(sandbox, [...rules, ...sizes, '--workers', '1']);
  const { runId, folder } = await alone.event('run-started');
  const weights = await finished(alone);
  const end = await alone.event('run-finished');

  // The rule, applied to what the run reported.
  const seen = evaluations(alone);
  const accuracies = seen.map(({ testAccuracy = 0 }) => testAccuracy);
  const best = accuracies.indexOf(Math.max(...accuracies));
  expect(end.step).toBeLessThan(300);
  expect(seen.at(-1)?.step).toBe(end.step);
  expect(seen.length - 1 - best).toBe(2);
  expect(end.best).toMatchObject({ step: seen[best]?.step, value: accuracies[best] });
  expect(seen.at(-1)?.best).toEqual({
    ...{ step: seen[best]?.step, metric: 'accuracy', value: accuracies[best] },
  });
  expect(weightsHash(join(folder, 'model'))).toBe(end.best?.weightsSha256);
  expect(checkpointVersions(folder)).toContain(end.best?.step);

  // Every command that reads a run's model reads that version.
  const exported = join(sandbox.folder, 'exported');
  const model = { step: end.best?.step };
  const found = await read(sandbox, 'export', runId, '--format', 'tfjs', '--to', exported);
  expect(found).toMatchObject(model);
  expect(weightsHash(exported)).toBe(end.best?.weightsSha256);
  expect(await read(sandbox, 'evaluate', runId)).toMatchObject({
    ...{ ...model, testAccuracy: accuracies[best] },
  });

  const disturbed = startTraining(sandbox, [...rules, ...sizes, '--workers', '3']);
  await disturbed.event('evaluation', ({ step }) => step === 3);
  killCoordinator(sandbox.folder);
  await disturbed.event('run-started', ({ term }) => term === 2);
  expect(await finished(disturbed)).toBe(weights);
  const { step, best: same } = await disturbed.event('run-finished');
  expect({ step, best: same }).toEqual({ step: end.step, best: end.best });

  // Resumed, it has ended; with more steps it trains on.
  const again = startTraining(sandbox, ['--resume', runId, '--workers', '1']);
  expect(await finished(again)).toBe(weights);
  expect(await again.event('run-finished')).toMatchObject({ step: end.step, best: end.best });
  const more = String(end.step + 4);
  const on = startTraining(sandbox, ['--resume', runId, '--steps', more, '--workers', '1']);
  await finished(on);
  expect(await on.event('run-finished')).toMatchObject({ step: end.step + 4 });
});

it('steps without a finite gradient are skipped, with any workers, and recorded in the ledger', async () => {
  const sandbox = createSandbox();
  // The first step makes weights so large that no later gradient is finite.
  const rules = ['--on-nonfinite', 'skip', '--learning-rate', '1e30', '--warmup-steps', '0'];
  const sizes = ['--batch', '20', '--shard-size', '4', '--steps', '6'];
  const alone = startTraining(sandbox, [...rules, ...sizes, '--workers', '1']);
  const { runId, folder } = await alone.event('run-started');
  const weights = await finished(alone);
  const alarms = alone.events.filter(({ event }) => event === 'alarm');
  expect(alarms).toMatchObject(
    [1, 2, 3, 4, 5].map((skippedSteps) => ({ code: 'step-skipped', skippedSteps })),
  );
  expect(await alone.event('run-finished')).toMatchObject({ skippedSteps: 5 });
  expect(readLedger(folder).map(({ skipped }) => skipped === true)).toEqual([
    ...[false, true, true, true, true, true],
  ]);
  const three = startTraining(sandbox, [...rules, ...sizes, '--workers', '3']);
  expect(await finished(three)).toBe(weights);
  const verified = await lockstep(sandbox, ['verify', runId, '--out', sandbox.runs, '--json']);
  expect(JSON.parse(verified.stdout)).toMatchObject({ agrees: true, recomputedSteps: 6 });
});

/** The JSON that a command prints about a run. */
async function read(sandbox: Sandbox, ...args: string[]): Promise<unknown> {
  return JSON.parse(await succeed(sandbox, ...args, '--out', sandbox.runs, '--json'));
}

/** SHA-256 of the weights of a saved tfjs model. */
function weightsHash(folder: string): string {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'weights.bin')))
    .digest('hex');
}

function evaluations({ events }: Lockstep): EventNamed<'evaluation'>[] {
  return events.filter((event) => event.event === 'evaluation');
}
