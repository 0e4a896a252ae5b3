import { describe, expect, it } from 'vitest';
import type { Replica } from './replica.js';
import { createSettlement, type Settlement } from './settlement.js';

const EVERY = 3;
const truth = 'a'.repeat(64);
const other = 'b'.repeat(64);
const state = (): Uint8Array<ArrayBuffer> => new Uint8Array(4);

/** A settlement over a replica that notes what it is told; its own state is always the truth. */
function watched(neighbours: readonly string[]) {
  const told: string[] = [];
  const strays: string[] = [];
  let now = 0;
  let behind = 0;
  const replica = {
    get behind() {
      return { steps: behind, bytes: behind * 1_000 };
    },
    catchUp: () => {
      if (behind > 0) told.push('caught up');
      behind = 0;
      return Promise.resolve();
    },
    adopt: (version: number) => {
      told.push(`adopted ${version}`);
      behind = 0;
      return true;
    },
    at: () => Promise.resolve({ stateSha256: truth }),
    expect: (version: number) => void told.push(`expects ${version}`),
  };
  const settlement: Settlement = createSettlement({
    replica: replica as unknown as Replica,
    now: () => now,
    neighbours: () => neighbours,
    strays: (worker) => void strays.push(worker),
    every: EVERY,
  });
  const step = (version: number, isKept = false): boolean => {
    const opened = settlement.opens(version, isKept);
    behind += 1;
    settlement.appended();
    return opened;
  };
  const pass = (ms: number): void => void (now += ms);
  return { settlement, told, strays, step, pass };
}

describe('a settlement', () => {
  it('is due every so many steps, and where a state will be needed', () => {
    const { step } = watched([]);
    const opened = [1, 2, 3, 4, 5, 6, 7].filter((version) => step(version, version === 4));
    expect(opened).toEqual([3, 4, 7]);
  });

  it('takes over the state that two neighbours hold, and computes nothing itself', () => {
    const { settlement, told, strays, step } = watched(['x', 'y']);
    for (const version of [1, 2, 3, 4]) step(version);
    expect(told).toEqual(['expects 3']);
    expect(settlement.proved('x', { version: 3, stateSha256: truth })).toBe(true);
    expect(settlement.proved('y', { version: 3, stateSha256: truth })).toBe(false);
    expect(settlement.expects('x', 3)).toBe(true);
    expect(settlement.expects('y', 3)).toBe(false);
    expect(settlement.handedIn('x', { version: 3, stateSha256: truth }, state())).toBe(true);
    expect(told).toEqual(['expects 3', 'adopted 3']);
    expect(strays).toEqual([]);
  });

  it('takes over nothing on one worker’s word', () => {
    const { settlement, told, step } = watched(['x', 'y']);
    for (const version of [1, 2, 3]) step(version);
    settlement.proved('x', { version: 3, stateSha256: truth });
    settlement.handedIn('x', { version: 3, stateSha256: truth }, state());
    expect(told).toEqual(['expects 3']);
    settlement.proved('y', { version: 3, stateSha256: truth });
    expect(told).toEqual(['expects 3', 'adopted 3']);
  });

  it('takes no state that nobody was asked for, or that is not the one that was proved', () => {
    const { settlement, step } = watched(['x', 'y']);
    for (const version of [1, 2, 3]) step(version);
    settlement.proved('x', { version: 3, stateSha256: truth });
    expect(settlement.handedIn('y', { version: 3, stateSha256: truth }, state())).toBe(false);
    expect(settlement.handedIn('x', { version: 2, stateSha256: truth }, state())).toBe(false);
    expect(settlement.handedIn('x', { version: 3, stateSha256: other }, state())).toBe(false);
  });

  it('computes the state itself where two disagree, and finds who has strayed', async () => {
    for (const odd of ['x', 'y'] as const) {
      const { settlement, told, strays, step } = watched(['x', 'y']);
      for (const version of [1, 2, 3]) step(version);
      const sha256 = (worker: string): string => (worker === odd ? other : truth);
      for (const worker of ['x', 'y']) {
        settlement.proved(worker, { version: 3, stateSha256: sha256(worker) });
      }
      settlement.handedIn('x', { version: 3, stateSha256: sha256('x') }, state());
      await Promise.resolve();
      expect(told).toEqual(['expects 3', 'caught up']);
      expect(strays).toEqual([odd]);
    }
  });

  it('finds who has strayed after the state was taken over', () => {
    const { settlement, strays, step } = watched(['x', 'y']);
    for (const version of [1, 2, 3]) step(version);
    for (const worker of ['x', 'y']) settlement.proved(worker, { version: 3, stateSha256: truth });
    settlement.handedIn('x', { version: 3, stateSha256: truth }, state());
    settlement.proved('z', { version: 3, stateSha256: other });
    expect(strays).toEqual(['z']);
  });

  it('leaves nothing to workers on other machines, but lets them prove', async () => {
    const { settlement, told, strays, step } = watched(['x']);
    for (const version of [1, 2, 3]) step(version);
    expect(told).toEqual(['caught up', 'caught up', 'caught up']);
    await Promise.resolve();
    expect(settlement.proved('far', { version: 3, stateSha256: other })).toBe(false);
    expect(strays).toEqual(['far']);
  });

  it.each([
    ['the worker asked has gone', ({ settlement }) => settlement.gone('x')],
    [
      'it takes too long',
      ({ settlement, pass }) => {
        pass(3_001);
        settlement.tick();
      },
    ],
  ] satisfies [string, (given: ReturnType<typeof watched>) => void][])(
    'computes the state itself when %s',
    (_what, happens) => {
      const given = watched(['x', 'y']);
      for (const version of [1, 2, 3]) given.step(version);
      given.settlement.proved('x', { version: 3, stateSha256: truth });
      happens(given);
      expect(given.told).toEqual(['expects 3', 'caught up']);
    },
  );
});
