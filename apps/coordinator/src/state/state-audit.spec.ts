import { describe, expect, it } from 'vitest';
import type { Replica } from './replica.js';
import { StateAudit } from './state-audit.js';
import type { StateProof } from '@lockstep/protocol';
import type { WorkerRecord } from '../workers/worker-record.js';
import { WorkerRegistry } from '../workers/worker-registry.js';

const EVERY = 3;
const truth = 'a'.repeat(64);
const other = 'b'.repeat(64);
const state = (): Uint8Array<ArrayBuffer> => new Uint8Array(4);

/** A state audit over a replica that notes its calls; its own state is always the truth. */
function watched(
  localWorkers: readonly string[],
  holderOf: (id: string) => string | undefined = () => undefined,
) {
  const told: string[] = [];
  const diverged: string[] = [];
  let now = 0;
  const clock = { now: () => 0, monotonicNow: () => now };
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
  const workers = new WorkerRegistry(clock);
  const record = (id: string): WorkerRecord =>
    workers.byId(id) ??
    workers.add({
      ...{ id, host: 'h', pid: 1, backend: 'native', holder: holderOf(id) },
      local: localWorkers.includes(id),
    });
  localWorkers.forEach(record);
  const audit = new StateAudit({
    ...{ replica: replica as unknown as Replica, workers, every: EVERY },
    clock,
    steps: {
      handle: (event) => {
        if (event.type === 'worker-gone') diverged.push(event.worker);
        return undefined;
      },
    },
  });
  /** The audit, with workers named by id. */
  const stateAudit = {
    opens: (version: number, isKept: boolean) => audit.opens(version, isKept),
    tick: () => audit.tick(),
    proved: (id: string, proof: StateProof) => audit.proved(record(id), proof),
    expects: (id: string, version: number) => audit.expects(record(id), version),
    stateUploaded: (id: string, proof: StateProof, uploaded: Uint8Array<ArrayBuffer>) =>
      audit.stateUploaded(record(id), proof, uploaded),
    gone: (id: string) => {
      workers.remove(id, { how: 'lost', reason: 'its connection broke' });
      audit.tick();
    },
  };
  const step = (version: number, isKept = false): boolean => {
    const opened = stateAudit.opens(version, isKept);
    behind += 1;
    audit.appended();
    return opened;
  };
  const pass = (ms: number): void => void (now += ms);
  return { stateAudit, told, diverged, step, pass };
}

describe('a state audit', () => {
  it('is due every so many steps, and where a state will be needed', () => {
    const { step } = watched([]);
    const opened = [1, 2, 3, 4, 5, 6, 7].filter((version) => step(version, version === 4));
    expect(opened).toEqual([3, 4, 7]);
  });

  it('adopts the state that two local workers hold, and computes nothing itself', () => {
    const { stateAudit, told, diverged, step } = watched(['x', 'y']);
    for (const version of [1, 2, 3, 4]) step(version);
    expect(told).toEqual(['expects 3']);
    expect(stateAudit.proved('x', { version: 3, stateSha256: truth })).toBe(true);
    expect(stateAudit.proved('y', { version: 3, stateSha256: truth })).toBe(false);
    expect(stateAudit.expects('x', 3)).toBe(true);
    expect(stateAudit.expects('y', 3)).toBe(false);
    expect(stateAudit.stateUploaded('x', { version: 3, stateSha256: truth }, state())).toBe(true);
    expect(told).toEqual(['expects 3', 'adopted 3']);
    expect(diverged).toEqual([]);
  });

  it('adopts nothing that only one worker has proved', () => {
    const { stateAudit, told, step } = watched(['x', 'y']);
    for (const version of [1, 2, 3]) step(version);
    stateAudit.proved('x', { version: 3, stateSha256: truth });
    stateAudit.stateUploaded('x', { version: 3, stateSha256: truth }, state());
    expect(told).toEqual(['expects 3']);
    stateAudit.proved('y', { version: 3, stateSha256: truth });
    expect(told).toEqual(['expects 3', 'adopted 3']);
  });

  it('applies every update itself where all local workers have one join token', () => {
    const { stateAudit, told, step } = watched(['x', 'y'], () => 'rack-4');
    const opened = [1, 2, 3].filter((version) => step(version));
    expect(opened).toEqual([3]);
    expect(told).toEqual(['caught up', 'caught up', 'caught up']);
    for (const worker of ['x', 'y']) {
      expect(stateAudit.proved(worker, { version: 3, stateSha256: truth })).toBe(false);
    }
  });

  it('adopts a state only once the holder of another join token has proved it', () => {
    const holderOf = (id: string): string => (id === 'z' ? 'rack-5' : 'rack-4');
    const { stateAudit, told, step } = watched(['x', 'y', 'z'], holderOf);
    for (const version of [1, 2, 3]) step(version);
    for (const worker of ['x', 'y']) stateAudit.proved(worker, { version: 3, stateSha256: truth });
    stateAudit.stateUploaded('x', { version: 3, stateSha256: truth }, state());
    expect(told).toEqual(['expects 3']);
    stateAudit.proved('z', { version: 3, stateSha256: truth });
    expect(told).toEqual(['expects 3', 'adopted 3']);
  });

  it('computes the state itself when the only holder of another join token has gone', () => {
    const holderOf = (id: string): string => (id === 'z' ? 'rack-5' : 'rack-4');
    const { stateAudit, told, step, pass } = watched(['x', 'y', 'z'], holderOf);
    for (const version of [1, 2, 3]) step(version);
    for (const worker of ['x', 'y']) stateAudit.proved(worker, { version: 3, stateSha256: truth });
    stateAudit.stateUploaded('x', { version: 3, stateSha256: truth }, state());
    stateAudit.gone('z');
    step(4);
    expect(told).toEqual(['expects 3', 'caught up']);
    pass(3_001);
    stateAudit.tick();
    expect(told).toEqual(['expects 3', 'caught up']);
  });

  it('accepts no state that was not asked for, or that is not the one that was proved', () => {
    const { stateAudit, step } = watched(['x', 'y']);
    for (const version of [1, 2, 3]) step(version);
    stateAudit.proved('x', { version: 3, stateSha256: truth });
    expect(stateAudit.stateUploaded('y', { version: 3, stateSha256: truth }, state())).toBe(false);
    expect(stateAudit.stateUploaded('x', { version: 2, stateSha256: truth }, state())).toBe(false);
    expect(stateAudit.stateUploaded('x', { version: 3, stateSha256: other }, state())).toBe(false);
  });

  it('computes the state itself where two disagree, and finds the divergent one', async () => {
    for (const odd of ['x', 'y'] as const) {
      const { stateAudit, told, diverged, step } = watched(['x', 'y']);
      for (const version of [1, 2, 3]) step(version);
      const sha256 = (worker: string): string => (worker === odd ? other : truth);
      for (const worker of ['x', 'y']) {
        stateAudit.proved(worker, { version: 3, stateSha256: sha256(worker) });
      }
      stateAudit.stateUploaded('x', { version: 3, stateSha256: sha256('x') }, state());
      await Promise.resolve();
      expect(told).toEqual(['expects 3', 'caught up']);
      expect(diverged).toEqual([odd]);
    }
  });

  it('finds the divergent one after the state was adopted', () => {
    const { stateAudit, diverged, step } = watched(['x', 'y']);
    for (const version of [1, 2, 3]) step(version);
    for (const worker of ['x', 'y']) stateAudit.proved(worker, { version: 3, stateSha256: truth });
    stateAudit.stateUploaded('x', { version: 3, stateSha256: truth }, state());
    stateAudit.proved('z', { version: 3, stateSha256: other });
    expect(diverged).toEqual(['z']);
  });

  it('lets workers on other machines prove their state, but adopts nothing of them', async () => {
    const { stateAudit, told, diverged, step } = watched(['x']);
    for (const version of [1, 2, 3]) step(version);
    expect(told).toEqual(['caught up', 'caught up', 'caught up']);
    await Promise.resolve();
    expect(stateAudit.proved('far', { version: 3, stateSha256: other })).toBe(false);
    expect(diverged).toEqual(['far']);
  });

  it.each([
    ['the worker asked has gone', ({ stateAudit }) => stateAudit.gone('x')],
    [
      'it takes too long',
      ({ stateAudit, pass }) => {
        pass(3_001);
        stateAudit.tick();
      },
    ],
  ] satisfies [string, (given: ReturnType<typeof watched>) => void][])(
    'computes the state itself when %s',
    (_what, happens) => {
      const given = watched(['x', 'y']);
      for (const version of [1, 2, 3]) given.step(version);
      given.stateAudit.proved('x', { version: 3, stateSha256: truth });
      happens(given);
      expect(given.told).toEqual(['expects 3', 'caught up']);
    },
  );
});
