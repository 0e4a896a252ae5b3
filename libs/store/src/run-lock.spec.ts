import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createRandomSource } from '@lockstep/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Platter, type DiskFault } from './memory-disk.js';
import { nodeDisk } from './node-disk.js';
import { processLives } from './process-lives.js';
import { takeRunLock, type LockTaker } from './run-lock.js';

const taker = (host: string, pid = 1, alive: readonly number[] = [1]): LockTaker => ({
  host,
  pid,
  isAlive: (other) => alive.includes(other),
});

/** A host's clocks: `sleep` lets its monotonic time pass, and what else happens meanwhile. */
class HostClock {
  monotonic = 0;

  constructor(
    private readonly wallClock: number,
    private readonly meanwhile: () => Promise<unknown> = () => Promise.resolve(),
  ) {}

  now = (): number => this.wallClock + this.monotonic;
  monotonicNow = (): number => this.monotonic;
  sleep = async (ms: number): Promise<void> => {
    this.monotonic += ms;
    await this.meanwhile();
  };
}
const clock = (wallClock = 1_000_000): HostClock => new HostClock(wallClock);
const HOUR_MS = 3_600_000;

describe('the lock of a run', () => {
  it('is one writer’s until it releases', async () => {
    const platter = new Platter();
    const first = await takeRunLock(platter.process(), clock(), taker('a'));
    const second = new HostClock(0, () => first.renew());
    await expect(takeRunLock(platter.process(), second, taker('b'))).rejects.toMatchObject({
      code: 'run-locked',
    });
    // The first renewal that was observed decides.
    expect(second.monotonic).toBeLessThan(1_000);
    await first.release();
    const third = clock();
    expect((await takeRunLock(platter.process(), third, taker('b'))).term).toBe(2);
    expect(third.monotonic).toBe(0);
  });

  it('passes at once from a dead process of this host, else after ten seconds without a change', async () => {
    const platter = new Platter();
    await takeRunLock(platter.process(), clock(), taker('a', 7));
    const here = clock();
    expect((await takeRunLock(platter.process(), here, taker('a', 8, []))).term).toBe(2);
    expect(here.monotonic).toBe(0);
    for (const [term, next] of [
      [3, taker('b', 9)],
      // The process that is found alive may be another program with its id.
      [4, taker('b', 10, [9])],
    ] as const) {
      const waited = clock();
      expect((await takeRunLock(platter.process(), waited, next)).term).toBe(term);
      expect(waited.monotonic).toBeGreaterThanOrEqual(10_000);
      expect(waited.monotonic).toBeLessThan(11_000);
    }
  });

  it.each([
    ['an hour ahead', HOUR_MS],
    ['an hour behind', -HOUR_MS],
  ])(
    'is refused while a host whose clock is %s renews it, and taken once it does not',
    async (_, skewMs) => {
      const platter = new Platter();
      const holder = await takeRunLock(platter.process(), clock(1e9 + skewMs), taker('a'));
      const observer = new HostClock(1e9, () => holder.renew());
      await expect(takeRunLock(platter.process(), observer, taker('b'))).rejects.toMatchObject({
        code: 'run-locked',
      });
      const patient = clock(1e9);
      expect((await takeRunLock(platter.process(), patient, taker('b'))).term).toBe(2);
      expect(patient.monotonic).toBeLessThan(11_000);
    },
  );

  it('of an earlier build is understood: its time changes while its writer lives', async () => {
    const platter = new Platter();
    const plant = (at: number): void =>
      platter.plant(
        'terms/4.json',
        Buffer.from(JSON.stringify({ term: 4, host: 'a', pid: 1, at })),
      );
    plant(1e9 + HOUR_MS);
    let at = 1e9 + HOUR_MS;
    const observer = new HostClock(1e9, () => Promise.resolve(plant((at += 2_000))));
    await expect(takeRunLock(platter.process(), observer, taker('b'))).rejects.toThrow(/term 4/);
    const next = await takeRunLock(platter.process(), clock(1e9), taker('b'));
    expect(next).toMatchObject({ term: 5, previousId: undefined });
  });

  it('is released or taken over by another one while it is observed', async () => {
    const platter = new Platter();
    const first = await takeRunLock(platter.process(), clock(), taker('a'));
    const releasing = new HostClock(0, () => first.release());
    expect((await takeRunLock(platter.process(), releasing, taker('b'))).term).toBe(2);
    expect(releasing.monotonic).toBeLessThan(1_000);
    const taking = new HostClock(0, () => takeRunLock(platter.process(), clock(), taker('b', 1)));
    await expect(takeRunLock(platter.process(), taking, taker('c'))).rejects.toThrow(/term 3/);
  });

  it('is not waited for any longer once the signal is aborted', async () => {
    const platter = new Platter();
    await takeRunLock(platter.process(), clock(), taker('a'));
    const stopping = new AbortController();
    const waiting = new HostClock(0, () => Promise.resolve(stopping.abort('stopped')));
    const taking = takeRunLock(platter.process(), waiting, taker('b'), stopping.signal);
    await expect(taking).rejects.toBe('stopped');
    expect(platter.names()).toEqual(['terms/1.json']);
  });

  it('names the term before, unless that was one of the folder this one was copied from', async () => {
    const platter = new Platter();
    const first = await takeRunLock(platter.process(), clock(), taker('a'));
    const second = await takeRunLock(platter.process(), clock(), taker('a'));
    expect(second.previousId).toBe(first.id);
    expect(second.id).not.toBe(first.id);
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-lock-'));
    try {
      const [original, copy] = [join(folder, 'original'), join(folder, 'copy')];
      const led = await takeRunLock(nodeDisk(original), clock(), taker('a'));
      await cp(original, copy, { recursive: true });
      const copied = await takeRunLock(nodeDisk(copy), clock(), taker('b'));
      expect(copied).toMatchObject({ term: 2, previousId: undefined });
      const resumed = await takeRunLock(nodeDisk(original), clock(), taker('b'));
      expect(resumed).toMatchObject({ term: 2, previousId: led.id });
      expect(resumed.id).not.toBe(copied.id);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('can be renewed several times at once, as after a pause of the process', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-lock-'));
    try {
      const lock = await takeRunLock(nodeDisk(folder), clock(), taker('a'));
      const renewals = await Promise.all(Array.from({ length: 10 }, () => lock.renew()));
      expect(renewals).toEqual(Array(10).fill(true));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is held by at most one of many that want it at once', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = createRandomSource(seed);
      const platter = new Platter();
      const delay = async (): Promise<void> => {
        for (let i = random.between(0, 20); i > 0; i--) await Promise.resolve();
      };
      const takers = await Promise.allSettled(
        Array.from({ length: 4 }, (_, i) =>
          takeRunLock(platter.process({ delay }), clock(), taker(`host-${i}`)),
        ),
      );
      const locks = takers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      const renewed = await Promise.all(locks.map((lock) => lock.renew()));
      expect(renewed.filter(Boolean)).toHaveLength(1);
      expect(new Set(locks.map(({ term }) => term)).size).toBe(locks.length);
    }
  });

  it('cannot be taken back by a writer that was forgotten', async () => {
    const platter = new Platter();
    const forgotten = await takeRunLock(platter.process(), clock(), taker('a'));
    const next = await takeRunLock(platter.process(), clock(), taker('b'));
    expect(await forgotten.renew()).toBe(false);
    await expect(forgotten.mustHold()).rejects.toMatchObject({ code: 'run-locked' });
    await forgotten.release();
    expect(await next.renew()).toBe(true);
    await next.mustHold();
    const renewed = new HostClock(0, () => next.renew());
    await expect(takeRunLock(platter.process(), renewed, taker('c'))).rejects.toThrow(/term 2/);
  });

  it.each<DiskFault['how']>(['dies-before', 'dies-within', 'dies-after', 'no-room'])(
    'gives no term twice, whichever call of taking it %s',
    async (how) => {
      for (let call = 1; call < 14; call++) {
        for (let seed = 0; seed < 20; seed++) {
          const platter = new Platter();
          const fault = { call, how };
          const dying = await takeRunLock(platter.process({ fault }), clock(), taker('a')).catch(
            () => undefined,
          );
          await dying?.renew().catch(() => undefined);
          if (seed > 0) platter.loseMachine(createRandomSource(seed).next);
          const { term } = await takeRunLock(platter.process(), clock(), taker('b'));
          if (dying) expect(term).toBeGreaterThan(dying.term);
        }
      }
    },
  );

  it('that holds random bytes or random JSON holds nobody off but by run-locked', async () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({ term: fc.nat(), host: fc.string(), pid: fc.integer(), at: fc.double() })
        .map((record) => Buffer.from(JSON.stringify(record))),
    );
    await fc.assert(
      fc.asyncProperty(anything, fc.nat(9), async (bytes, term) => {
        const platter = new Platter();
        platter.plant(`terms/${term}.json`, bytes);
        platter.plant('terms/notes.txt', bytes);
        platter.plant('terms/99999999999999999999.json', bytes);
        const lock = await takeRunLock(platter.process(), clock(), taker('b')).catch(
          (error: unknown) => error,
        );
        if (lock instanceof Error) expect(lock).toMatchObject({ code: 'run-locked' });
        else expect(lock).toMatchObject({ term: term + 1 });
      }),
      { numRuns: 300 },
    );
  });
});

describe('whether a process lives', () => {
  it('is so of this one and not of one that has ended', () => {
    expect(processLives(process.pid)).toBe(true);
    expect(processLives(Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' })))).toBe(
      false,
    );
  });

  it.runIf(existsSync('/proc/self/stat'))('is not so of one nobody waited for', async () => {
    // Its parent turns into a program that waits for nobody, and only then does it end.
    const script = 'sh -c "read _ <&3" & echo $!; exec sleep 60';
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
    try {
      const [pid] = (await once(parent.stdout as Readable, 'data')) as [Buffer];
      expect(processLives(Number(pid.toString()))).toBe(true);
      const program = (): string => readFileSync(`/proc/${parent.pid}/cmdline`, 'utf8');
      await expect.poll(program).toContain('sleep\0');
      (parent.stdio[3] as Writable).end();
      await expect.poll(() => processLives(Number(pid.toString()))).toBe(false);
      expect(() => process.kill(Number(pid.toString()), 0)).not.toThrow();
    } finally {
      parent.kill();
    }
  });
});
