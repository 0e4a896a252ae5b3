import { appendFileSync, cpSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { lockstep } from './harness/lockstep.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { finished, startTraining } from './harness/train.js';

const MODEL = `import { defineModel, dense, flatten } from 'lockstep';
export default defineModel({ name: 'small', layers: [flatten(), dense({ units: 'classes' })] });
`;

let sandbox: Sandbox;
let runId = '';
let model = '';
let data = '';
const undo: (() => void)[] = [];

/** A small run of a model and data of its own, which are then moved and changed. */
beforeAll(async () => {
  sandbox = createSandbox((each) => undo.push(each));
  model = join(sandbox.folder, 'own net.ts');
  data = join(sandbox.folder, 'data');
  writeFileSync(model, MODEL);
  cpSync(inject('smallData'), data, { recursive: true });
  const own = ['--model', model, '--data', data, '--steps', '3', '--batch', '10'];
  const run = startTraining(sandbox, [...own, '--workers', '1']);
  await finished(run);
  ({ runId } = await run.event('run-finished'));
});
afterAll(() => undo.forEach((each) => each()));

/** The command must exit with one message. */
async function refused(code: string, ...args: string[]): Promise<void> {
  const result = await lockstep(sandbox, [...args, '--out', sandbox.runs]);
  expect(result.stderr).toMatch(new RegExp(`^error ${code} `, 'm'));
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(result.code).toBe(code === 'run-damaged' ? 1 : 2);
  await sandbox.empty();
}

const picture = (): string => {
  const path = join(sandbox.folder, 'text.png');
  writeFileSync(path, 'no picture');
  return path;
};

it('a bad picture', () => refused('image-unreadable', 'predict', runId, picture()));

it('a model that was moved, and one that has changed', async () => {
  renameSync(model, `${model}.away`);
  for (const command of ['evaluate', 'verify']) await refused('model-not-found', command, runId);
  writeFileSync(model, `${MODEL}// changed\n`);
  for (const command of ['evaluate', 'verify']) await refused('model-invalid', command, runId);
  renameSync(`${model}.away`, model);
});

it('data that were moved, and data that have changed', async () => {
  renameSync(data, `${data}-away`);
  for (const command of ['evaluate', 'verify']) await refused('data-not-found', command, runId);
  cpSync(`${data}-away`, data, { recursive: true });
  const images = join(data, 't10k-images-idx3-ubyte');
  appendFileSync(images, 'x');
  for (const command of ['evaluate', 'verify']) await refused('data-damaged', command, runId);
});

it('a run without a sound checkpoint', async () => {
  const folder = join(sandbox.runs, runId, 'checkpoints');
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'damaged');
  await refused('run-damaged', 'evaluate', runId);
});
