import { contributionHash, encodeGradient, sectionRoots } from '@lockstep/core';
import { createProtocolClient, type EvaluationResult } from '@lockstep/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../testing/observed-run.js';
import { serveRun } from '../testing/served-run.js';

const PATHS = ['/api/run', '/api/runs', '/api/workers', '/api/steps', '/api/activity', '/metrics'];
const SAMPLES = 5;
const violation = (about: string) =>
  expect.objectContaining({
    code: 'protocol-violation',
    message: expect.stringContaining(about) as string,
  }) as Error;

/** A run with one worker, which has an open shard and has taken it. */
async function start() {
  const run = await serveRun();
  const client = createProtocolClient({
    ...{ address: run.grpc, maxPayloadBytes: 1_000_000, sharesMemory: false },
  });
  onTestFinished(() => client.close());
  const { session, id } = run.join('w1');
  const place = { step: 1, index: 0, attempt: 1 };
  const shard = { step: 1, index: 0, firstSample: 0, sampleCount: SAMPLES };
  run.steps.handle({ type: 'step-opened', step: 1, shards: [shard] });
  run.steps.handle({ type: 'taken', worker: id, term: 1, ref: place });
  const beat = {
    ...{ session, version: 0, shard: undefined, rssBytes: 1, tensorCount: 1, cpuSeconds: 1 },
    log: [],
  };
  /** Sends a contribution of four zeros with these totals, and their hash. */
  const contribute = (totals: { lossSum?: number; metricSums?: number[]; clean?: number }) => {
    const { lossSum = 1, metricSums = [1], clean } = totals;
    const values = { factored: new Float32Array(), dense: new Float32Array(4) };
    const dense = encodeGradient(values.dense, 'f32');
    const sums = {
      ...{ sampleCount: SAMPLES, lossSum, metricSums },
      ...(clean === undefined ? {} : { cleanCorrectCount: clean }),
    };
    const begin = { session, runId: 'run-1', shard: attempt, sampleCount: SAMPLES };
    const rest = { ...sums, sha256: contributionHash(sums, sectionRoots(values)), dense };
    return client.submit({ ...begin, wire: 'f32' }, new Uint8Array(), rest);
  };
  const attempt = { ...place, term: 1, evaluation: false };
  const evaluate = (change: Partial<EvaluationResult>) => {
    const count = run.spec.data.testCount;
    return client.submitEvaluation({
      ...{ session, runId: 'run-1', sampleCount: count, metricSums: [count], lossSum: 1 },
      shard: { term: 1, step: 0, index: 0, attempt: 1, evaluation: true },
      ...{ predictions: new Uint8Array(2 * count), confidences: new Uint8Array(4 * count) },
      ...change,
    });
  };
  const take = () =>
    client.take({
      session,
      shard: { term: 1, step: 0, index: 0, attempt: 1, evaluation: true },
    });
  const mustServe = async (): Promise<void> => {
    for (const path of PATHS) {
      const { status, body } = await ask(run.url, path);
      expect(status, `${path}: ${JSON.stringify(body)}`).toBe(200);
    }
    expect(run.defects).toEqual([]);
  };
  return { ...run, client, beat, contribute, evaluate, take, mustServe };
}

describe('a heartbeat is refused by name', () => {
  it.each([
    [{ cpuSeconds: NaN }, 'HeartbeatRequest.cpu_seconds'],
    [{ cpuSeconds: Infinity }, 'HeartbeatRequest.cpu_seconds'],
    [{ cpuSeconds: -1 }, 'HeartbeatRequest.cpu_seconds'],
    [{ rssBytes: Number.MAX_SAFE_INTEGER }, 'HeartbeatRequest.rss_bytes'],
    [{ version: 1 }, 'HeartbeatRequest.version'],
    [{ log: [{ number: 0, at: 1, warning: false, text: '' }] }, 'LogLine.number'],
  ])('with %j', async (change, field) => {
    const { client, beat, mustServe } = await start();
    await expect(client.heartbeat({ ...beat, ...change })).rejects.toThrow(violation(field));
    await mustServe();
    expect(await client.heartbeat(beat)).toMatchObject({ known: true });
  });
});

it('a log line of a worker is shown without what a terminal would execute', async () => {
  const { client, beat, url } = await start();
  const line = { number: 1, at: 1, warning: false, text: 'a\n\u001b[2J{"level":"error"}' };
  await client.heartbeat({ ...beat, log: [line] });
  expect((await ask(url, '/api/workers/w1/log')).body).toMatchObject({
    lines: [{ text: 'a\\n\\u001b[2J{"level":"error"}' }],
  });
});

describe('a contribution does not count', () => {
  it.each([
    [{ metricSums: [SAMPLES + 1] }, 'wrong-shape'],
    [{ metricSums: [] }, 'wrong-shape'],
    [{ metricSums: [1, 1] }, 'wrong-shape'],
    [{ metricSums: [NaN] }, 'not-finite'],
    [{ clean: SAMPLES + 1 }, 'wrong-shape'],
    [{ lossSum: NaN }, 'not-finite'],
    [{ lossSum: Infinity }, 'not-finite'],
  ])('with %j', async (totals, verdict) => {
    const { contribute, mustServe } = await start();
    expect(await contribute(totals)).toMatchObject({ verdict });
    await mustServe();
  });

  it.each([
    [{ metricSums: [1.7e308] }, 'SubmitRest.metric_sums'],
    [{ metricSums: new Array<number>(4097).fill(1) }, 'SubmitRest.metric_sums'],
    [{ lossSum: 1.7e308 }, 'SubmitRest.loss_sum'],
  ])('with %j, which ends the call', async (totals, field) => {
    const { contribute, mustServe } = await start();
    await expect(contribute(totals)).rejects.toThrow(violation(field));
    await mustServe();
    expect(await contribute({})).toMatchObject({ verdict: 'counted' });
  });
});

describe('an evaluation', () => {
  it('counts only from a worker that took the shard', async () => {
    const { evaluations, evaluate, take } = await start();
    void evaluations.evaluate(0);
    expect(await evaluate({})).toMatchObject({ verdict: 'not-yours' });
    expect(await take()).toEqual({ kind: 'granted' });
    expect(await evaluate({ runId: 'another' })).toMatchObject({ verdict: 'wrong-run' });
    expect(await evaluate({})).toMatchObject({ verdict: 'counted' });
  });

  it.each([
    [{ metricSums: [11] }, '11 are correct'],
    [{ metricSums: [] }, '0 metric sums'],
    [{ metricSums: [1.7e308] }, 'EvaluationResult.metric_sums'],
    [{ lossSum: 1.7e308 }, 'EvaluationResult.loss_sum'],
    [{ sampleCount: 9 }, 'the result is over 9'],
    [{ predictions: new Uint8Array(20).fill(7) }, 'a class beyond'],
    [{ predictions: new Uint8Array(19) }, '19 bytes'],
    [{ confidences: new Uint8Array(4) }, 'the result is over 1'],
    [{ confidences: asBytes(1.5) }, 'a confidence'],
    [{ confidences: asBytes(-Infinity) }, 'a confidence'],
  ])('is refused with %j', async (change, about) => {
    const { evaluations, evaluate, take, mustServe } = await start();
    void evaluations.evaluate(0);
    await take();
    await expect(evaluate(change)).rejects.toThrow(violation(about));
    expect(evaluations.finished).toEqual([]);
    await mustServe();
  });

  it('of a network that has diverged is stored with finite figures', async () => {
    const { evaluations, evaluate, take } = await start();
    const done = evaluations.evaluate(0);
    await take();
    await evaluate({ lossSum: NaN, confidences: asBytes(NaN) });
    const { testLoss, confidences } = await done;
    expect(testLoss).toBeGreaterThan(1e38);
    expect(testLoss).toBeLessThan(Infinity);
    expect(confidences.every((each) => each === 0)).toBe(true);
  });
});

function asBytes(confidence: number): Uint8Array {
  return new Uint8Array(new Float32Array(10).fill(confidence).buffer);
}
