import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readLedger } from './harness/run-files.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';

/** Room for the five checkpoints that a run keeps, one more under way, and the model. */
const ROOM = '256m';

describe.runIf(canMount())('a full disk', () => {
  it('pauses the run with a reason; it continues with the same weights when there is space', async () => {
    const sandbox = createSandbox();
    mountSmallDisk(sandbox.runs);
    const run = startReference(sandbox, ['--workers', '2', '--checkpoint-every', '2']);
    const { folder } = await run.event('run-started');
    await run.event('step', ({ step }) => step === 3);

    const ballast = join(sandbox.runs, 'ballast');
    fillUp(ballast);
    const { reason } = await run.event('state', ({ state }) => state === 'paused');
    expect(reason).toMatch(/no room on the disk.*free some space/s);
    await run.event('alarm', ({ code }) => code === 'disk-full');

    rmSync(ballast);
    expect(await finished(run)).toBe(referenceSha256());
    expect(readLedger(folder).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await sandbox.empty();
  });
});

/** Only root may, and not in every container. */
function canMount(): boolean {
  const probe = '/tmp/lockstep-e2e-mount';
  mkdirSync(probe, { recursive: true });
  const can = mount(probe, '1m');
  if (can) unmount(probe);
  rmSync(probe, { recursive: true, force: true });
  return can;
}

function mountSmallDisk(folder: string): void {
  mkdirSync(folder);
  if (!mount(folder, ROOM)) throw new Error('the small disk cannot be mounted');
  onTestFinished(() => unmount(folder));
}

function mount(folder: string, size: string): boolean {
  const args = ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder];
  return spawnSync('mount', args).status === 0;
}

function unmount(folder: string): void {
  spawnSync('umount', ['--lazy', folder]);
}

/** Writes until there is no space for a single byte. */
function fillUp(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 1 << 20; size >= 1;) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch {
        size >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
}
