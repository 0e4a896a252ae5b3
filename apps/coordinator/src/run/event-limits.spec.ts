import type { RunEvent } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLimits } from './event-limits.js';

const worker = { event: 'worker', pid: 7, host: 'h', reason: 'r' } as const;
const refused = (id: string): RunEvent => ({ ...worker, id, state: 'refused' });

function start() {
  const clock = { now: 0 };
  const written: RunEvent[] = [];
  const limits = new EventLimits({ monotonicNow: () => clock.now }, (event) => written.push(event));
  return { clock, written, limits };
}

const limitedEvents = fc.oneof(
  fc.record({
    ...{ event: fc.constant('worker' as const), id: fc.string(), pid: fc.nat() },
    state: fc.constantFrom('joined', 'lost', 'left', 'refused', 'quarantined'),
    ...{ host: fc.string(), reason: fc.string() },
  }),
  fc.record({
    ...{ event: fc.constant('alarm' as const), message: fc.string() },
    code: fc.constantFrom('redis-lost', 'nondeterminism'),
  }),
  fc.record({
    ...{ event: fc.constant('reissue' as const), step: fc.nat(), index: fc.nat() },
    ...{ attempt: fc.nat(), reason: fc.string() },
  }),
  fc.record({
    event: fc.constant('state' as const),
    state: fc.constantFrom('running', 'waiting-for-workers', 'paused'),
    reason: fc.string(),
  }),
);

describe('the limits of events that workers cause', () => {
  it('keep a flood of refused workers within burst and rate, and count the others', () => {
    const { clock, written, limits } = start();
    for (; clock.now < 10_000; clock.now += 1) {
      limits.emit(refused(`w${clock.now}`));
      limits.tick();
    }
    expect(written.length).toBeLessThanOrEqual(22);
    limits.flush();
    const omitted = written.map((event) => ('omitted' in event ? (event.omitted ?? 0) : 0));
    expect(written.length + omitted.reduce((sum, each) => sum + each, 0)).toBe(10_000);
    expect(written.at(-1)).toMatchObject({ id: 'w9999' });
  });

  it('write what was held back as soon as the rate allows it', () => {
    const { clock, written, limits } = start();
    for (let n = 1; n <= 25; n++) limits.emit(refused(`w${n}`));
    expect(written).toHaveLength(20);
    clock.now = 10_000;
    limits.tick();
    limits.tick();
    expect(written.slice(20)).toEqual([{ ...refused('w25'), omitted: 4 }]);
  });

  it('delay no other event, and let the end of a run come last', () => {
    const { written, limits } = start();
    const finished = { event: 'state', state: 'finished', reason: 'done' } as const;
    const step = { event: 'step', step: 1, loss: 1, samplesPerSecond: 1, workers: 1 } as const;
    for (let n = 1; n <= 30; n++) limits.emit(refused(`w${n}`));
    for (let n = 1; n <= 1_000; n++) limits.emit({ ...step, step: n });
    limits.emit(finished);
    expect(written).toHaveLength(20 + 1_000 + 2);
    expect(written.slice(-2)).toEqual([{ ...refused('w30'), omitted: 9 }, finished]);
  });

  it('lose no event from the count, and the newest of no kind, whatever comes', () => {
    const happenings = fc.array(fc.tuple(fc.nat(2_000), limitedEvents), { maxLength: 400 });
    fc.assert(
      fc.property(happenings, (all) => {
        const { clock, written, limits } = start();
        for (const [pause, event] of all) {
          clock.now += pause;
          limits.emit(event);
          limits.tick();
        }
        limits.flush();
        const omitted = written.map((event) => ('omitted' in event ? (event.omitted ?? 0) : 0));
        expect(written.length + omitted.reduce((sum, each) => sum + each, 0)).toBe(all.length);
        for (const name of ['state', 'reissue'] as const) {
          const newest = all.map(([, event]) => event).findLast(({ event }) => event === name);
          const shown = written.findLast(({ event }) => event === name);
          expect(shown ?? {}).toMatchObject(newest ?? {});
        }
      }),
    );
  });
});
