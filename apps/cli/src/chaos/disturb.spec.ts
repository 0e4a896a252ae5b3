import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agenda, timesDue } from './disturb.js';
import { parsePlan, planText } from './plan.js';
import { arbitraryMoment, arbitraryPlan } from './testing/arbitrary-plan.js';

const headway = (seconds: number, step: number) => ({ seconds, step, steps: 100 });
const agendaOf = (text: string) => new Agenda(parsePlan(text).plan);
const taken = (agenda: Agenda, seconds: number, step: number): string => {
  const entry = agenda.take(headway(seconds, step));
  return entry ? planText([entry]) : '';
};

describe('an agenda', () => {
  it('gives each entry when its moment has come, once', () => {
    const agenda = agendaOf('at 20% scale 4; at 3s kill-worker');
    expect(taken(agenda, 0, 0)).toBe('');
    expect(taken(agenda, 2, 20)).toBe('at 20% scale 4');
    expect(taken(agenda, 2.9, 21)).toBe('');
    expect(taken(agenda, 3, 21)).toBe('at 3s kill-worker');
    expect(taken(agenda, 99, 99)).toBe('');
    expect(agenda.left()).toEqual([]);
  });

  it('repeats, without making up for what it missed', () => {
    const agenda = agendaOf('every 5s kill-worker');
    expect([4, 5, 6, 9, 21, 22, 24, 25].map((seconds) => taken(agenda, seconds, 1) !== '')).toEqual(
      [false, true, false, false, true, false, false, true],
    );
  });

  it('tells what never came', () => {
    const agenda = agendaOf('every 5s kill-worker; at 50% scale 2; at 90% scale 3');
    agenda.take(headway(1, 60));
    expect(planText(agenda.left())).toBe('every 5s kill-worker; at 90% scale 3');
  });

  it('has nothing before the first step', () => {
    fc.assert(
      fc.property(arbitraryPlan, (plan) => {
        expect(new Agenda(plan).take({ seconds: -1, step: -1, steps: 1 })).toBeUndefined();
      }),
    );
  });

  it('comes to rest at each moment, having given every entry that is due', () => {
    fc.assert(
      fc.property(arbitraryPlan, fc.nat(200), fc.nat(100), (plan, seconds, step) => {
        const agenda = new Agenda(plan);
        const now = headway(seconds, step);
        const given = plan.map(() => agenda.take(now)).filter(Boolean);
        expect(agenda.take(now)).toBeUndefined();
        expect(given).toEqual(plan.filter(({ moment }) => timesDue(moment, now) > 0));
      }),
    );
  });
});

describe('how often a moment has come', () => {
  it('never falls as the training goes on', () => {
    fc.assert(
      fc.property(arbitraryMoment, fc.nat(50), fc.nat(50), fc.nat(50), (moment, a, b, more) => {
        expect(timesDue(moment, headway(a + more, b + more))).toBeGreaterThanOrEqual(
          timesDue(moment, headway(a, b)),
        );
      }),
    );
  });
});
