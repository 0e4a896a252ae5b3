import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inherited, lockstep, startLockstep } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';
import { finished } from './harness/train.js';

const stripes = fileURLToPath(new URL('../../../examples/stripes', import.meta.url));

it('the example of own data and an own model learns', async () => {
  const sandbox = createSandbox();
  const data = join(sandbox.folder, 'stripes-data');
  execFileSync(process.execPath, [join(stripes, 'make-data.mjs'), data]);
  const own = ['--data', data, '--model', join(stripes, 'model.mjs'), '--steps', '300'];
  const run = startLockstep(sandbox, ['train', ...own, '--workers', '2', '--json']);
  await finished(run);
  const { testAccuracy } = await run.event('run-finished');
  expect(testAccuracy).toBeGreaterThan(0.9);
});

it('the example of a residual network with batch normalisation learns', async () => {
  const sandbox = createSandbox();
  const residual = fileURLToPath(new URL('../../../examples/residual', import.meta.url));
  const own = ['--data', join(residual, 'data.mjs'), '--model', join(residual, 'model.mjs')];
  const adam = ['--optimizer', 'adam', '--learning-rate', '0.005', '--steps', '120'];
  const sizes = ['--batch', '32', '--shard-size', '16', '--workers', '2'];
  const where = ['--out', sandbox.runs, '--no-dashboard', '--json'];
  const run = startLockstep(sandbox, ['train', ...own, ...adam, ...sizes, ...where]);
  await finished(run);
  const { testAccuracy } = await run.event('run-finished');
  expect(testAccuracy).toBeGreaterThan(0.95);
});

const examples = [
  {
    ...{ name: 'a text classifier', folder: 'text', data: 'reviews.mjs', rate: '0.01' },
    learned: { accuracy: 0.95 },
  },
  {
    ...{ name: 'a regression', folder: 'regression', data: 'houses.mjs', rate: '0.01' },
    learned: { r2: 0.9 },
  },
  {
    ...{ name: 'a classifier with one output', folder: 'red-disc', data: 'pictures.mjs' },
    ...{ rate: '0.005', learned: { accuracy: 0.9, auc: 0.95 } },
  },
];

it.each(examples)(
  'the example of $name learns, to the bits that one engine computes alone',
  async ({ folder, data, rate, learned }) => {
    const sandbox = createSandbox();
    const path = fileURLToPath(new URL(`../../../examples/${folder}`, import.meta.url));
    const own = ['--data', join(path, data), '--model', join(path, 'model.mjs')];
    const adam = ['--optimizer', 'adam', '--learning-rate', rate, '--steps', '200'];
    const where = ['--out', sandbox.runs, '--workers', '2', '--no-dashboard', '--json'];
    const run = startLockstep(sandbox, ['train', ...own, ...adam, ...where]);
    await finished(run);
    const { runId, metrics } = await run.event('run-finished');
    for (const [name, least] of Object.entries(learned)) {
      expect(metrics[name], name).toBeGreaterThan(least);
    }
    const { stdout } = await lockstep(sandbox, ['verify', runId, '--out', sandbox.runs, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ agrees: true, recomputedSteps: 200 });
  },
);

it('the program with train() trains a run that one engine computes again', async () => {
  const sandbox = createSandbox();
  const program = fileURLToPath(new URL('../../../examples/program/train.mjs', import.meta.url));
  const printed = execFileSync(process.execPath, [program], {
    ...{ cwd: sandbox.folder, env: inherited(), encoding: 'utf8' },
  });
  const [, runId = ''] = /^run (\S+),/m.exec(printed) ?? [];
  const out = join(sandbox.folder, 'runs');
  const { stdout } = await lockstep(sandbox, ['verify', runId, '--out', out, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ agrees: true, recomputedSteps: 200 });
});

it('the example of fine-tuning begins with frozen layers, to the same bits with any workers', async () => {
  const sandbox = createSandbox();
  const at = (path: string): string =>
    fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
  const where = ['--optimizer', 'adam', '--out', sandbox.runs, '--no-dashboard', '--json'];
  const base = startLockstep(sandbox, [
    ...['train', '--data', at('residual/data.mjs'), '--model', at('fine-tuning/bars.mjs')],
    ...['--learning-rate', '0.005', '--batch', '32', '--shard-size', '16', '--steps', '150'],
    ...[...where, '--workers', '2'],
  ]);
  const { runId } = await base.event('run-started');
  await finished(base);
  const tune = (workers: string) =>
    startLockstep(sandbox, [
      ...['train', '--data', at('fine-tuning/slanted.mjs'), '--model', at('fine-tuning/model.mjs')],
      ...['--init-from', runId, '--learning-rate', '0.02', '--batch', '20', '--shard-size', '10'],
      ...['--steps', '60', ...where, '--workers', workers],
    ]);
  const tuned = tune('2');
  const started = await tuned.event('run-started');
  expect(started.initial).toEqual({
    from: runId,
    taken: 8,
    fresh: ['answer/kernel', 'answer/bias'],
  });
  const weights = await finished(tuned);
  expect((await tuned.event('run-finished')).testAccuracy).toBeGreaterThan(0.9);
  expect(await finished(tune('1'))).toBe(weights);
  const { stdout } = await lockstep(sandbox, [
    ...['verify', started.runId, '--out', sandbox.runs, '--json'],
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ agrees: true, recomputedSteps: 60 });
});
