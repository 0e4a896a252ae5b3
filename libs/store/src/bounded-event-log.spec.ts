import type { RunEvent } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { BoundedEventLog } from './bounded-event-log.js';
import { EventLog } from './event-log.js';
import { Platter } from './memory-disk.js';

const LIMIT = 300_000;
const refused = (n: number): RunEvent => ({
  ...{ event: 'worker', id: `w${n}`, pid: 7, host: 'h', state: 'refused', reason: 'wrong-spec' },
});
const step = (n: number): RunEvent => ({
  ...{ event: 'step', step: n, loss: 1, samplesPerSecond: 1, workers: 1 },
});

function eventsIn(platter: Platter): (RunEvent & { omitted?: number })[] {
  const lines = Buffer.from(platter.peek('events.jsonl') ?? [])
    .toString()
    .split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as RunEvent);
}

function open(platter: Platter, isFull = () => false): Promise<BoundedEventLog> {
  const disk = platter.process({ isFull });
  return BoundedEventLog.open(disk, () => new EventLog(disk, () => 5, 1), LIMIT);
}

/** Writes events, letting the log compact meanwhile. */
async function flood(log: BoundedEventLog, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    log.write(refused(n));
    if (n % 100 === 0) log.write(step(n / 100));
    if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a bounded event log', () => {
  it('stays bounded under a flood, keeps every step and the newest events, in their order', async () => {
    const platter = new Platter();
    const log = await open(platter);
    let longest = 0;
    for (let thousand = 0; thousand < 8; thousand++) {
      await flood(log, thousand * 1_000 + 1, (thousand + 1) * 1_000);
      longest = Math.max(longest, platter.peek('events.jsonl')?.byteLength ?? 0);
    }
    await log.close();
    expect(longest).toBeLessThan(2 * LIMIT);
    const events = eventsIn(platter);
    const steps = events.flatMap((event) => (event.event === 'step' ? [event.step] : []));
    expect(steps).toEqual(Array.from({ length: 80 }, (_, n) => n + 1));
    expect(events.at(-2)).toMatchObject({ id: 'w8000' });
    expect(platter.names()).toEqual(['events.jsonl']);
    const workers = events.filter(({ event }) => event === 'worker');
    const omitted = workers.reduce((sum, event) => sum + (event.omitted ?? 0), 0);
    expect(workers.length + omitted).toBe(8_000);
  });

  it('compacts what an earlier coordinator has written', async () => {
    const platter = new Platter();
    platter.plant(
      'events.jsonl',
      Buffer.from(`${JSON.stringify({ ...refused(1), at: 1 })}\n`.repeat(5_000)),
    );
    const log = await open(platter);
    log.write(step(1));
    await log.close();
    expect(eventsIn(platter)).toHaveLength(1_001);
  });

  it('loses nothing where the disk is too full to compact it', async () => {
    const platter = new Platter();
    let isFull = false;
    const log = await open(platter, () => isFull);
    await flood(log, 1, 2_000);
    isFull = true;
    await flood(log, 2_001, 2_100);
    isFull = false;
    await flood(log, 2_101, 2_200);
    await log.close();
    const workers = eventsIn(platter).filter(({ event }) => event === 'worker');
    const omitted = workers.reduce((sum, event) => sum + (event.omitted ?? 0), 0);
    expect(workers.length + omitted).toBe(2_200);
  });
});
