import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '@lockstep/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventFeed } from '../events/event-feed.js';
import type { TimedEvent } from './read-events.js';
import { followHistory } from './run-history.js';
import { startedEvent } from '../testing/started-event.js';

const step = (n: number, loss = 1): RunEvent => ({
  ...{ event: 'step', step: n, loss, samplesPerSecond: 10, workers: 1 },
});
const line = (event: RunEvent, at = 5): string => `${JSON.stringify({ ...event, at })}\n`;

function setUp(content: string) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-history-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'events.jsonl');
  if (content !== '') writeFileSync(path, content);
  const feed = new EventFeed(() => 9);
  const emit = (event: RunEvent): void => {
    appendFileSync(path, line(event, 9));
    feed.push(event);
  };
  const replace = (by: string): void => {
    writeFileSync(`${path}.new`, by);
    renameSync(`${path}.new`, path);
  };
  const seen: TimedEvent[] = [];
  const load = () => followHistory(folder, feed, (event) => seen.push(event));
  return { feed, emit, load, replace, seen };
}

const stepsOf = (events: readonly TimedEvent[]): number[] =>
  events.flatMap(({ event }) => (event.event === 'step' ? [event.step] : []));

describe('followHistory', () => {
  it('reads old events and follows new ones, each once and in order', async () => {
    const { emit, load, seen } = setUp(line(step(1)) + line(step(2)));
    emit(step(3));
    const loading = load();
    emit(step(4)); // while the file is being read
    const { history, close } = await loading;
    emit(step(5));
    expect(history.steps.map((row) => row.step)).toEqual([1, 2, 3, 4, 5]);
    expect(stepsOf(seen)).toEqual([1, 2, 3, 4, 5]);
    expect(seen.map(({ at }) => at)).toEqual([5, 5, 9, 9, 9]);
    close();
    emit(step(6));
    expect(history.lastStep?.step).toBe(5);
  });

  it('reads the file as it was, although it is replaced meanwhile', async () => {
    const { emit, load, replace } = setUp(line(step(1)) + line(step(2)));
    const loading = load();
    emit(step(3));
    replace(line(step(3)) + line(step(3)));
    const { history, close } = await loading;
    close();
    expect(history.steps.map((row) => row.step)).toEqual([1, 2, 3]);
  });

  it('skips torn lines and garbage', async () => {
    const { load } = setUp(
      `${line(step(1))}{"event":"st\n\n7\nnull\n{"event":"step"}\n${line(step(2))}{"ev`,
    );
    expect((await load()).history.steps.map((row) => row.step)).toEqual([1, 2]);
  });

  it('drops what a superseded coordinator wrote after its successor had begun', async () => {
    const of = (term: number, event: object): string =>
      `${JSON.stringify({ ...event, term, at: 5 })}\n`;
    const alarm = (message: string) => ({ event: 'alarm', code: 'disk-full', message });
    const { load } = setUp(
      [
        of(1, startedEvent),
        of(1, step(1)),
        of(1, step(2)),
        of(2, { ...startedEvent, resumedAt: 1 }),
        of(1, step(3)),
        of(1, alarm('of the old term')),
        of(2, step(2)),
        of(2, alarm('of the new term')),
        // A line of an earlier build, and one that quotes such a line.
        line({ event: 'alarm', code: 'disk-full', message: '"term":1,"at":5}' }),
      ].join(''),
    );
    const { history, close } = await load();
    expect(history.steps.map((row) => row.step)).toEqual([1, 2]);
    expect(history.alarms.map(({ message }) => message)).toEqual([
      '"term":1,"at":5}',
      'of the new term',
    ]);
    expect(history.activity.at(-1)).toEqual({ ...startedEvent, term: 1, at: 5 });
    expect(history.activity[0]).not.toHaveProperty('term');
    close();
  });

  it('replaces steps that a later coordinator computed again', async () => {
    const { load } = setUp(
      [step(1), step(2), step(3), step(2, 7)].map((each) => line(each)).join(''),
    );
    const { steps } = (await load()).history;
    expect(steps.map(({ step: n, loss }) => [n, loss])).toEqual([
      [1, 1],
      [2, 7],
    ]);
  });

  it('has the events beside the steps, of all coordinators, newest first', async () => {
    const worker = { event: 'worker', id: 'w', pid: 7, host: 'h', reason: 'silent' } as const;
    const { load, emit } = setUp(line({ ...worker, state: 'lost' }) + line(step(1)));
    const { history } = await load();
    emit({ ...worker, state: 'joined' });
    expect(history.activity).toEqual([
      { ...worker, state: 'joined', at: 9 },
      { ...worker, state: 'lost', at: 5 },
    ]);
    for (let n = 0; n < 1_000; n++) emit({ event: 'alarm', code: 'disk-full', message: `${n}` });
    expect(history.activity).toHaveLength(300);
    expect(history.activity[0]).toMatchObject({ message: '999' });
  });

  it('keeps joins and losses however often shards are reissued', async () => {
    const worker = { event: 'worker', id: 'w', pid: 7, host: 'h', reason: 'silent' } as const;
    const { load, emit } = setUp(line({ ...worker, state: 'lost' }));
    const { history } = await load();
    for (let step = 1; step <= 1_000; step++) {
      emit({ event: 'reissue', step, index: 0, attempt: 2, reason: 'it is late' });
      emit({
        event: 'evaluation',
        step,
        testAccuracy: 0.5,
        testLoss: 1,
        metrics: { accuracy: 0.5 },
      });
      emit({ event: 'checkpoint', step, bytes: 1, milliseconds: 1 });
    }
    expect(history.activity.at(-1)).toMatchObject({ event: 'worker', state: 'lost' });
    expect(history.activity).toHaveLength(301);
    expect(history.activity[0]).toMatchObject({ event: 'checkpoint', step: 1_000 });
  });

  it('shows nothing beyond the step that a coordinator resumed at', async () => {
    const { load, emit } = setUp('');
    const { history } = await load();
    for (const n of [1, 2, 3, 4]) {
      emit({ ...step(n), ...(n % 2 === 0 ? { trainAccuracy: n / 10 } : {}) });
      emit({
        event: 'evaluation',
        step: n,
        testAccuracy: n / 10,
        testLoss: 1,
        metrics: { accuracy: n / 10 },
      });
    }
    emit({ ...startedEvent, resumedAt: 3 });
    expect(history.steps.map((row) => row.step)).toEqual([1, 2, 3]);
    expect(history.lastStep?.step).toBe(3);
    expect(history.lastTrainAccuracy).toMatchObject({ step: 2, trainAccuracy: 0.2 });
    expect(history.evaluations.map((each) => each.step)).toEqual([1, 2, 3]);
  });

  it('is empty before there is a file', async () => {
    const { history } = await setUp('').load();
    expect(history).toMatchObject({ steps: [], evaluations: [], checkpoints: [] });
    expect(history.lastStep).toBeUndefined();
  });
});
