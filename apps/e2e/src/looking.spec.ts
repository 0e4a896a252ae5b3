import { expect, it } from 'vitest';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';

interface Prediction {
  readonly version: number;
  readonly digit: number;
  readonly probabilities: readonly number[];
  readonly activations: readonly object[];
}

interface Evaluation {
  readonly version: number | null;
  readonly confusion: readonly (readonly number[])[];
  readonly mistakeCount: number;
}

it('a run that is looked into all the time comes out with the same weights', async () => {
  const sandbox = createSandbox();
  const run = startReference(sandbox, ['--workers', '2', '--eval-every', '2']);
  const { http = '' } = await run.event('listening');
  const read = async <Body>(path: string, body?: object): Promise<Body> => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const request = body ? { ...post, body: JSON.stringify(body) } : {};
    return (await (await fetch(`${http}${path}`, request)).json()) as Body;
  };
  await run.event('run-started');
  const { pixels } = await read<{ pixels: number[] }>('/api/test-digits/3');
  let over = false;
  const seen: Prediction[] = [];
  const evaluated: Evaluation[] = [];
  const looking = (async () => {
    for (let n = 0; !over; n++) {
      const question = { pixels, activations: true, dropout: n % 2 === 1, place: n };
      seen.push(await read<Prediction>('/api/predict', question));
      evaluated.push(await read<Evaluation>('/api/evaluation'));
      await read('/api/model/histograms');
      await read('/api/model/filters');
    }
  })().catch(() => undefined); // the coordinator has gone

  expect(await finished(run)).toBe(referenceSha256());
  over = true;
  await looking;

  const good = seen.filter(({ activations }) => activations?.length === 10);
  expect(good.length).toBeGreaterThan(5);
  // Newer and newer weights were looked at, while they were trained.
  const versions = good.map(({ version }) => version);
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  expect(new Set(versions).size).toBeGreaterThan(2);
  const last = evaluated.filter(({ version }) => version).at(-1);
  const counts = last?.confusion.flat() ?? [];
  const right = last?.confusion.reduce((sum, row, label) => sum + row[label], 0) ?? 0;
  const total = counts.reduce((sum, count) => sum + count, 0);
  expect(total).toBeGreaterThan(0);
  expect(last?.mistakeCount).toBe(total - right);
  await sandbox.empty();
});
