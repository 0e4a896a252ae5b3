import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { smallSpec } from '@lockstep/core/testing';
import { createRunFolder } from '@lockstep/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, startServer, type Started } from '../testing/server.js';
import { parseEventLine } from './read-events.js';

/** Lines that an earlier version wrote for what a worker had sent, or that are damaged. */
const WRONG = [
  '{"event":"step","step":3,"loss":null,"samplesPerSecond":1,"workers":1,"at":5}',
  '{"event":"step","step":4,"loss":1,"trainAccuracy":40000000,"samplesPerSecond":1,"workers":1,"at":5}',
  '{"event":"evaluation","step":4,"testAccuracy":4e9,"testLoss":1,"at":5}',
  '{"event":"evaluation","step":4,"testAccuracy":0.5,"testLoss":null,"at":5}',
  '{"event":"evaluation","step":4,"testAccuracy":0.5,"testLoss":1e999,"at":5}',
  '{"event":"state","state":"confused","reason":"x","at":5}',
  '{"event":"checkpoint","step":-1,"bytes":0.5,"milliseconds":1,"at":5}',
  '{"event":"worker","id":7,"at":5}',
  '{"event":"alarm","code":"x","at":5}',
  '{"event":"no such event","at":5}',
  '{"event":"step","step":2',
  'null',
  '[]',
  '',
];
const GOOD = [
  '{"event":"step","step":1,"loss":1,"samplesPerSecond":1,"workers":1,"at":5}',
  '{"event":"step","step":2,"loss":0.5,"samplesPerSecond":1,"workers":1,"at":5}',
  '{"event":"evaluation","step":2,"testAccuracy":0.5,"testLoss":1,"at":5}',
];
const PATHS = [
  ...['/api/run', '/api/runs', '/api/workers', '/api/steps', '/api/activity', '/api/checkpoints'],
  ...['/api/alarms', '/api/evaluation', '/api/runs/run-1/steps', '/api/runs/run-0/steps'],
  '/metrics',
];

/** A led run and another one, with these lines in both files before the first request. */
async function startWith(lines: readonly string[]): Promise<Started> {
  const started = await startServer();
  const record = { spec: smallSpec({}), model: 'small', data: 'small', createdAt: 'then' };
  const out = dirname(started.folder.path);
  const { path } = await createRunFolder(out, { runId: 'run-0', ...record });
  for (const folder of [started.folder.path, path]) {
    appendFileSync(join(folder, 'events.jsonl'), `${lines.join('\n')}\n`);
  }
  return started;
}

describe('lines of a run’s events that hold no valid event', () => {
  it('never make a response fail; the others are shown, and the rest is counted', async () => {
    const { url } = await startWith([...GOOD, ...WRONG]);
    for (const path of PATHS) {
      const { status, body } = await ask(url, path);
      expect(status, `${path}: ${JSON.stringify(body)}`).toBeLessThan(500);
    }
    expect((await ask(url, '/api/run')).body).toMatchObject({
      ...{ loss: 0.5, lastEvaluation: { step: 2 }, skippedEvents: WRONG.length },
    });
    expect((await ask(url, '/api/runs')).body).toMatchObject({
      runs: [
        { id: 'run-1', skippedEvents: WRONG.length },
        // Of the steps it reads only the last line, whose number counts whatever its figures are.
        { id: 'run-0', step: 4, lastEvaluation: { step: 2 } },
      ],
    });
    expect((await ask(url, '/api/runs/run-0/steps')).body).toMatchObject({
      steps: [{ step: 1 }, { step: 2 }],
    });
  });

  it('never make a response fail, whatever a line holds', async () => {
    const events = GOOD.map((line) => JSON.parse(line) as Record<string, unknown>);
    const values = fc.oneof(fc.jsonValue(), fc.double().map(String), fc.constant(1.7e308));
    const line = fc
      .tuple(fc.constantFrom(...events), fc.nat(5), values)
      .map(([event, at, value]) => {
        const field = Object.keys(event)[at % Object.keys(event).length] ?? 'at';
        return JSON.stringify({ ...event, [field]: value });
      });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 30, maxLength: 30 }), async (lines) => {
        const { url } = await startWith(lines);
        for (const path of ['/api/run', '/api/runs', '/api/steps', '/metrics']) {
          expect((await ask(url, path)).status, path).toBe(200);
        }
      }),
      // Without shrinking: each attempt starts a server.
      { numRuns: 5, endOnFailure: true },
    );
  });
});

it('texts of stored events are shown without what a terminal would execute, and bounded', () => {
  const event = { event: 'worker', id: 'a\u001b[2J', pid: 1, host: 'h\n', state: 'refused' };
  const line = JSON.stringify({ ...event, reason: `\u009b${'x'.repeat(1_000_000)}`, at: 5 });
  const parsed = parseEventLine(line)?.event;
  expect(parsed).toMatchObject({ id: 'a\\u001b[2J', host: 'h\\n' });
  expect(JSON.stringify(parsed).length).toBeLessThan(5_000);
});
