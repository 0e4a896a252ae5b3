import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createDice } from '@lockstep/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPlatter, type DiskFault } from './memory-disk.js';
import { nodeDisk } from './node-disk.js';
import { processLives, takeRunLock, type LockTaker } from './run-lock.js';

const taker = (host: string, pid = 1, alive: readonly number[] = [1]): LockTaker => ({
  host,
  pid,
  isAlive: (other) => alive.includes(other),
});
const at = (ms: number) => (): number => ms;

describe('the lock of a run', () => {
  it('is one writer’s until it releases', async () => {
    const platter = createPlatter();
    const first = await takeRunLock(platter.process(), at(1), taker('a'));
    await expect(takeRunLock(platter.process(), at(2), taker('b'))).rejects.toMatchObject({
      code: 'run-locked',
    });
    await first.release();
    expect((await takeRunLock(platter.process(), at(3), taker('b'))).term).toBe(2);
  });

  it('passes at once from a dead process of this host, else after ten seconds of silence', async () => {
    const platter = createPlatter();
    await takeRunLock(platter.process(), at(1), taker('a', 7));
    await expect(takeRunLock(platter.process(), at(2), taker('a', 8, [7]))).rejects.toMatchObject({
      code: 'run-locked',
    });
    expect((await takeRunLock(platter.process(), at(3), taker('a', 8, []))).term).toBe(2);
    await expect(takeRunLock(platter.process(), at(9_000), taker('b'))).rejects.toThrow(/term 2/);
    expect((await takeRunLock(platter.process(), at(10_003), taker('b', 9))).term).toBe(3);
    const stranger = taker('b', 10, [9]);
    await expect(takeRunLock(platter.process(), at(20_000), stranger)).rejects.toThrow(/term 3/);
    expect((await takeRunLock(platter.process(), at(20_003), stranger)).term).toBe(4);
  });

  it('can be renewed several times at once, as after a pause of the process', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-lock-'));
    try {
      const lock = await takeRunLock(nodeDisk(folder), at(1), taker('a'));
      const renewals = await Promise.all(Array.from({ length: 10 }, () => lock.renew()));
      expect(renewals).toEqual(Array(10).fill(true));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is held by at most one of many that want it at once', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const dice = createDice(seed);
      const platter = createPlatter();
      const delay = async (): Promise<void> => {
        for (let i = dice.between(0, 20); i > 0; i--) await Promise.resolve();
      };
      const takers = await Promise.allSettled(
        Array.from({ length: 4 }, (_, i) =>
          takeRunLock(platter.process({ delay }), at(1), taker(`host-${i}`)),
        ),
      );
      const locks = takers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      const renewed = await Promise.all(locks.map((lock) => lock.renew()));
      expect(renewed.filter(Boolean)).toHaveLength(1);
      expect(new Set(locks.map(({ term }) => term)).size).toBe(locks.length);
    }
  });

  it('cannot be taken back by a writer that was forgotten', async () => {
    const platter = createPlatter();
    const forgotten = await takeRunLock(platter.process(), at(1), taker('a'));
    const next = await takeRunLock(platter.process(), at(20_000), taker('b'));
    expect(await forgotten.renew()).toBe(false);
    await forgotten.release();
    expect(await next.renew()).toBe(true);
    await expect(takeRunLock(platter.process(), at(20_001), taker('c'))).rejects.toThrow(/term 2/);
  });

  it.each<DiskFault['how']>(['dies-before', 'dies-within', 'dies-after', 'no-room'])(
    'gives no term twice, whichever call of taking it %s',
    async (how) => {
      for (let call = 1; call < 12; call++) {
        for (let seed = 0; seed < 20; seed++) {
          const platter = createPlatter();
          const fault = { call, how };
          const dying = await takeRunLock(platter.process({ fault }), at(1), taker('a')).catch(
            () => undefined,
          );
          await dying?.renew().catch(() => undefined);
          if (seed > 0) platter.loseMachine(createDice(seed).next);
          const { term } = await takeRunLock(platter.process(), at(20_000), taker('b'));
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
        const platter = createPlatter();
        platter.plant(`terms/${term}.json`, bytes);
        platter.plant('terms/notes.txt', bytes);
        platter.plant('terms/99999999999999999999.json', bytes);
        const lock = await takeRunLock(platter.process(), at(1e6), taker('b')).catch(
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
