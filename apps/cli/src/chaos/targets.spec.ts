import type { RunEvent } from '@lockstep/core';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Freezer } from './freezer.js';
import { joinedWorkers, lives } from './targets.js';

type WorkerEvent = Extract<RunEvent, { event: 'worker' }>;
const worker = (id: string, state: WorkerEvent['state'], pid = 7, host = 'here'): RunEvent => ({
  ...{ event: 'worker', id, state, pid, host, reason: '' },
});

describe('the workers to choose from', () => {
  it('are those of this machine that joined and have not gone, each once', () => {
    const events = [
      worker('a', 'joined', 1),
      worker('b', 'joined', 2),
      worker('c', 'joined', 3, 'elsewhere'),
      worker('d', 'joined', 4),
      worker('b', 'lost', 2),
      worker('a', 'joined', 1),
      worker('d', 'left', 4),
      worker('e', 'refused', 5),
    ];
    expect(joinedWorkers(events, 'here')).toEqual([{ pid: 1, name: 'a', mark: 'a' }]);
  });
});

/** A process that waits, with a mark on its command line. */
function waiting(mark: string): { pid: number; name: string; mark: string } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', mark]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return { pid: child.pid ?? 0, name: mark, mark };
}

describe('a process of the run', () => {
  it('is told from another of the same number by its command line', async () => {
    const target = waiting('chaos-spec-worker');
    await expect.poll(() => lives(target)).toBe(true);
    expect(lives({ ...target, mark: 'chaos-spec-other' })).toBe(false);
    process.kill(target.pid, 'SIGKILL');
    await expect.poll(() => lives(target)).toBe(false);
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'is frozen, thawed when released, or killed',
    async () => {
      const isStopped = (pid: number): boolean =>
        /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      const [released, doomed] = [waiting('chaos-spec-released'), waiting('chaos-spec-doomed')];
      await expect.poll(() => lives(released) && lives(doomed)).toBe(true);
      const freezer = new Freezer();
      freezer.freeze(doomed, 0.1, true);
      freezer.freeze(released, 600, true);
      await expect.poll(() => isStopped(released.pid)).toBe(true);
      await expect.poll(() => lives(doomed)).toBe(false);
      expect(freezer.holds(released.pid)).toBe(true);
      freezer.release();
      expect(freezer.holds(released.pid)).toBe(false);
      await expect.poll(() => isStopped(released.pid)).toBe(false);
      expect(lives(released)).toBe(true);
    },
  );
});
