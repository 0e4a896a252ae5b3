import { describe, expect, it } from 'vitest';
import { ask, problem, startServer } from '../testing/server.js';

const sent = { payloadBytes: 40, updateBytes: 44, followers: 1 };

describe('timelines', () => {
  it('are given for one step, and for all that are kept', async () => {
    const { url, run } = await startServer();
    run.timelines.add(1, sent);
    run.timelines.add(2, sent);
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

  it('continue after a step, or start anew where that one is not kept', async () => {
    const { url, run } = await startServer();
    for (const step of [1, 2, 3]) run.timelines.add(step, sent);
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

  it('are refused for a step that is not kept, or is invalid', async () => {
    const { url } = await startServer();
    for (const step of ['7', '0', 'x']) {
      const { status, body } = await ask(url, `/api/steps/${step}/timeline`);
      expect({ status, body }).toEqual({ status: 400, body: problem('bad-request') });
    }
  });
});
