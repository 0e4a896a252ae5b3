import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActiveTime } from './active-time.js';

function start() {
  const clock = { at: 1_000 };
  const active = new ActiveTime(() => clock.at);
  const begin = active.now();
  return { clock, active, passed: () => active.now() - begin };
}

describe('active time', () => {
  it('counts the time in which the run trains, and no other', () => {
    const { clock, active, passed } = start();
    clock.at += 5_000; // waits for workers
    active.look(false);
    clock.at += 100;
    expect(passed()).toBe(100);
    active.look(true);
    clock.at += 60_000; // paused
    active.look(false);
    clock.at += 30;
    expect(passed()).toBe(130);
  });

  it('leaves out the time in which the process itself was stopped', () => {
    const { clock, active, passed } = start();
    active.look(false);
    clock.at += 20;
    active.look(false);
    clock.at += 27_000; // SIGSTOP … SIGCONT
    expect(passed()).toBe(20);
  });

  it('never falls and never runs ahead of its clock', () => {
    const events = fc.array(
      fc.record({ passed: fc.integer({ min: 0, max: 10_000 }), idle: fc.boolean() }),
    );
    fc.assert(
      fc.property(events, (all) => {
        const { clock, active, passed } = start();
        let before = 0;
        let most = 0;
        for (const each of all) {
          clock.at += each.passed;
          most += each.passed;
          const now = passed();
          expect(now).toBeGreaterThanOrEqual(before);
          expect(now).toBeLessThanOrEqual(most);
          before = now;
          active.look(each.idle);
        }
      }),
    );
  });
});
