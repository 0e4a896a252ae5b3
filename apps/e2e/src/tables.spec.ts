import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockstep } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, startTraining } from './harness/train.js';

/** Flowers whose kind follows from colour and length of the petals, which is missing for some. */
const FLOWERS = [
  'id;colour;length;kind',
  ...Array.from({ length: 120 }, (_, n) => {
    const isRose = n % 3 === 0;
    const length = n % 10 === 0 ? '' : String((isRose ? 4 : 2) + (n % 7) / 10);
    return `f${n};${isRose ? 'red' : 'white'};${length};${isRose ? 'rose' : 'lily'}`;
  }),
].join('\n');
const MODEL = `import { defineModel, dense } from 'lockstep';
export default defineModel({ name: 'flowers', layers: [dense({ units: 'classes' })] });
`;

it('a table is trained on by options alone, and new rows are encoded as in training', async () => {
  const sandbox = createSandbox();
  const file = (name: string, content: string): string => {
    writeFileSync(join(sandbox.folder, name), content);
    return join(sandbox.folder, name);
  };
  const [data, model] = [file('flowers.csv', FLOWERS), file('flowers.mjs', MODEL)];
  const given = [
    '--data',
    data,
    '--model',
    model,
    '--ignore-columns',
    'id',
    '--learning-rate',
    '1',
  ];
  const size = ['--steps', '30', '--batch', '24', '--shard-size', '8'];
  const train = (workers: number): ReturnType<typeof startTraining> =>
    startTraining(sandbox, [...given, ...size, '--workers', String(workers)]);
  const run = train(1);
  const { runId, ...started } = await run.event('run-started');
  expect(started).toMatchObject({
    ...{ trainCount: 96, testCount: 24, inputShape: [3], classNames: ['lily', 'rose'] },
  });
  expect(started.dataNotes?.at(-1)).toBe('missing numbers, read as the mean: length 12');
  const weights = await finished(run);
  expect(await finished(train(3))).toBe(weights);

  const rows = file('new.csv', 'length;colour\n4.3;red\n2.1;white\n;blue\n');
  const { stdout } = await lockstep(sandbox, [
    'predict',
    runId,
    rows,
    '--csv',
    '--out',
    sandbox.runs,
  ]);
  const [head, ...found] = stdout.trimEnd().split('\n');
  expect(head).toBe('source,class,lily,rose');
  expect(found.slice(0, 2).map((row) => row.split(',').slice(0, 2))).toEqual([
    [`${rows}:2`, 'rose'],
    [`${rows}:3`, 'lily'],
  ]);
  expect(found).toHaveLength(3);
});
