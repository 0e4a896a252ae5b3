import { systemClock, type RunEvent } from '@lockstep/core';
import { describe, expect, it, vi } from 'vitest';
import { DiskSpace } from './disk-space.js';

const systemError = (code: string): Error =>
  Object.assign(new Error(code), { code, syscall: 'open' });

function start() {
  const [emit, handle] = [vi.fn<(event: RunEvent) => void>(), vi.fn()];
  const ending = new AbortController();
  const clock = { sleep: () => systemClock.sleep(1) };
  const diskSpace = new DiskSpace({ clock, ending, steps: { handle }, emit });
  const told = (): unknown[] =>
    handle.mock.calls.map(([event]) => (event as RunEvent & { type: string }).type);
  return { diskSpace, emit, told };
}

/** Fails so many times, then succeeds. */
function failing(times: number, error: Error): () => string {
  return () => {
    if (times-- > 0) throw error;
    return 'written';
  };
}

describe('a write of the run', () => {
  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EMFILE', 'disk-failing'],
    ['ENFILE', 'disk-failing'],
    ['EIO', 'disk-failing'],
    ['ESTALE', 'disk-failing'],
  ])('that fails with %s is repeated, and the run is paused meanwhile', async (errno, code) => {
    const { diskSpace, emit, told } = start();
    expect(await diskSpace.untilFree(failing(3, systemError(errno)))).toBe('written');
    expect(emit.mock.calls).toEqual([[expect.objectContaining({ event: 'alarm', code })]]);
    expect(told()).toEqual(['disk-full', 'disk-freed']);
  });

  it('that fails for a lasting reason is not', async () => {
    const { diskSpace, emit } = start();
    const denied = systemError('EACCES');
    await expect(diskSpace.untilFree(failing(1, denied))).rejects.toBe(denied);
    expect(emit).not.toHaveBeenCalled();
  });
});
