import type { RunEvent } from '@lockstep/core';
import { expect, it } from 'vitest';
import { EventLog } from './event-log.js';

const scaled = (workers: number): RunEvent => ({ event: 'scaled', workers, reason: 'asked' });

async function all(log: EventLog): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of log) events.push(event);
  return events;
}

it('gives each reader the events before it and all that follow, then ends', async () => {
  const log = new EventLog();
  log.add(scaled(1));
  const early = all(log);
  log.add(scaled(2));
  const late = all(log);
  log.add(scaled(3));
  log.end();
  const three = [1, 2, 3].map(scaled);
  expect(await Promise.all([early, late, all(log)])).toEqual([three, three, three]);
});

it('keeps the latest 1,000 events for a reader that begins later', async () => {
  const log = new EventLog();
  for (let count = 1; count <= 5_000; count++) log.add(scaled(count));
  log.end();
  const events = await all(log);
  expect(events).toHaveLength(1_000);
  expect(events.at(-1)).toEqual(scaled(5_000));
});

it('can be left early, and read again', async () => {
  const log = new EventLog();
  log.add(scaled(1));
  log.add(scaled(2));
  log.end();
  for await (const event of log) {
    expect(event).toEqual(scaled(1));
    break;
  }
  expect(await all(log)).toHaveLength(2);
});
