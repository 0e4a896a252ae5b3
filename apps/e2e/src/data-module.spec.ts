import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis } from '@lockstep/runtime';
import { expect, it, onTestFinished } from 'vitest';
import { lockstep, startLockstep } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';
import { finished } from './harness/train.js';

/** 96 + 24 rows of four numbers in three classes; `offset` is added to every number. */
const rows = (offset: number): string => `
import { defineDataset, type SampleRange } from 'lockstep';
function read(from: number, to: number): SampleRange {
  const inputs = new Float32Array(4 * (to - from));
  const targets = Int32Array.from({ length: to - from }, (_, i) => (from + i) % 3);
  targets.forEach((label, i) => inputs.fill(${offset} + label - (from + i) / 100, 4 * i, 4 * i + 4));
  return { inputs, targets };
}
export default defineDataset({ inputShape: [4], target: { classes: 3 },
  train: { count: 96, read }, test: { count: 24, read: async (from, to) => read(96 + from, 96 + to) } });
`;
const MODEL = `import { defineModel, dense, relu } from 'lockstep';
export default defineModel({ name: 'rows', layers: [dense({ units: 8 }), relu(), dense({ units: 'classes' })] });
`;

it('a data module is read by every process, and a worker with other values is refused', async () => {
  const sandbox = createSandbox();
  const file = (name: string, content: string): string => {
    writeFileSync(join(sandbox.folder, name), content);
    return join(sandbox.folder, name);
  };
  const [data, other, model] = [
    file('rows.ts', rows(0)),
    file('other.ts', rows(1)),
    file('rows.mjs', MODEL),
  ];
  const redis = await startRedis({ folder: sandbox.temporary });
  onTestFinished(() => redis.stop());
  const where = ['--redis', redis.url, '--data', data, '--model', model, '--out', sandbox.runs];
  const small = ['--steps', '20', '--batch', '8', '--shard-size', '4', '--http', '127.0.0.1:0'];
  const run = startLockstep(sandbox, ['coordinator', ...where, ...small, '--json']);
  const { grpc, http } = await run.event('listening');
  const { runId, ...started } = await run.event('run-started');
  expect(started).toMatchObject({
    ...{ data: 'rows', trainCount: 96, testCount: 24, inputShape: [4], classes: 3 },
  });

  const ask = async (path: string, body?: object): Promise<number> => {
    const json = { 'content-type': 'application/json' };
    const post = { method: 'POST', headers: json, body: JSON.stringify(body) };
    return (await fetch(`${http}${path}`, body ? post : {})).status;
  };
  const statuses = await Promise.all([
    ...['/api/model', '/api/evaluation', '/api/model/filters'].map((path) => ask(path)),
    ...[ask('/api/test-digits/0'), ask('/api/predict', { pixels: [1, 2, 3, 4] })],
  ]);
  expect(statuses).toEqual([200, 200, 200, 400, 400]);

  const worker = ['worker', '--redis', redis.url, '--coordinator', grpc, '--model', model];
  const wrong = await lockstep(sandbox, [...worker, '--data', other]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/data-damaged .*data set other here is not the one/);
  const right = startLockstep(sandbox, [...worker, '--data', data]);
  await finished(run);
  expect(await right.ended).toBe(0);
  const verified = await lockstep(sandbox, ['verify', runId, '--out', sandbox.runs, '--json']);
  expect(JSON.parse(verified.stdout)).toMatchObject({ agrees: true, recomputedSteps: 20 });
});
