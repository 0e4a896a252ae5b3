import fc from 'fast-check';
import type { Fault } from '../fault.js';
import type { ChaosPlan, Moment } from '../plan.js';

const tenths = (least: number): fc.Arbitrary<number> =>
  fc.integer({ min: least, max: 1_000 }).map((n) => n / 10);

export const arbitraryFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('kill-worker', 'kill-coordinator', 'restart-redis', 'contradict'),
  }),
  fc.record({
    kind: fc.constantFrom('freeze-worker', 'freeze-coordinator'),
    seconds: tenths(1),
    thenKill: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('flood'), seconds: tenths(1) }),
  fc.record({ kind: fc.constant('scale'), workers: fc.integer({ min: 1, max: 999 }) }),
);

export const arbitraryMoment: fc.Arbitrary<Moment> = fc.oneof(
  fc.record({ at: fc.constant('step'), percent: tenths(0).filter((n) => n < 100) }),
  fc.record({ at: fc.constant('time'), seconds: tenths(0) }),
  fc.record({ at: fc.constant('every'), seconds: tenths(1) }),
);

export const arbitraryPlan: fc.Arbitrary<ChaosPlan> = fc.array(
  fc.record({ moment: arbitraryMoment, fault: arbitraryFault }),
  { maxLength: 8 },
);
