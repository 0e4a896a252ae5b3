import { describe, expect, it } from 'vitest';
import type { Timelines } from '../../timeline/timelines.js';
import { ask, problem, startSide } from '../testing/side.js';

function makeStep(timelines: Timelines, step: number): void {
  timelines.opened(step);
  const shard = { term: 1, step, index: 0, attempt: 1, evaluation: false };
  timelines.taken(shard, 'w1');
  timelines.contributed({
    header: {
      ...{ session: 's', runId: 'run-1', shard, wire: 'f32', sha256: '' },
      ...{ sampleCount: 5, lossSum: 1, correctCount: 1 },
    },
    ...{ worker: 'w1', receipt: { hashMs: 0 }, checkMs: 0, payloadBytes: 40 },
  });
  timelines.recorded();
  timelines.reduced(0);
  timelines.published({ encodeMs: 0, bytes: 44, followers: 1 });
  timelines.closed();
}

describe('where the time of the newest steps went', () => {
  it('is told of one step, and of all that are remembered', async () => {
    const { url, timelines } = await startSide();
    makeStep(timelines, 1);
    makeStep(timelines, 2);
    const { status, body } = await ask(url, '/api/steps/2/timeline');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ step: 2, criticalShard: 0, updateBytes: 44, followers: 1 },
      shards: [{ index: 0, worker: 'w1', attempt: 1, payloadBytes: 40 }],
    });
    expect(Object.keys((body as { phases: object }).phases)).toHaveLength(9);
    const all = await ask(url, '/api/timeline');
    expect(all.body).toMatchObject({ steps: [{ step: 1 }, { step: 2 }] });
  });

  it('goes on after a step, or begins anew where that one is not remembered', async () => {
    const { url, timelines } = await startSide();
    for (const step of [1, 2, 3]) makeStep(timelines, step);
    const stepsAfter = async (after: string): Promise<number[]> => {
      const { body } = await ask(url, `/api/timeline?after=${after}`);
      return (body as { steps: { step: number }[] }).steps.map(({ step }) => step);
    };
    expect(await stepsAfter('1')).toEqual([2, 3]);
    expect(await stepsAfter('3')).toEqual([]);
    expect(await stepsAfter('77')).toEqual([1, 2, 3]);
    const { status, body } = await ask(url, '/api/timeline?after=x');
    expect({ status, body }).toEqual({ status: 400, body: problem('bad-request') });
  });

  it('is refused of a step that is not remembered, or is none', async () => {
    const { url } = await startSide();
    for (const step of ['7', '0', 'x']) {
      const { status, body } = await ask(url, `/api/steps/${step}/timeline`);
      expect({ status, body }).toEqual({ status: 400, body: problem('bad-request') });
    }
  });
});
