import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { lockstep } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';

const SMALL = ['--rounds', '1', '--steps', '3', '--warmup', '1', '--batch', '8', '--json'];
const SCALING = fileURLToPath(new URL('../../../bench/scaling.mjs', import.meta.url));
const positive = expect.any(Number) as number;

async function benchOf(args: readonly string[]): Promise<Record<string, unknown>> {
  const sandbox = createSandbox();
  const { code, stdout, stderr } = await lockstep(sandbox, ['bench', ...args]);
  expect(code, stderr).toBe(0);
  await sandbox.empty();
  const lines = stdout.trim().split('\n');
  return Object.assign({}, ...lines.map((line) => JSON.parse(line) as object)) as never;
}

describe('bench/scaling.mjs', () => {
  it('measures the coordinator with simulated workers beside bare grpc-js', async () => {
    const few = ['--rounds', '1', '--counts', '1,3', '--shards', '4', '--seconds', '0.2', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [SCALING, ...few]);
    const [, last = ''] = stdout.trim().split('\n');
    expect(JSON.parse(last)).toMatchObject({
      scaling: [
        { workers: 1, shardsPerStep: 1, share: 1, stepsPerSecond: positive },
        { workers: 3, shardsPerStep: 3, share: positive, cpuMsPerShard: positive },
      ],
    });
  });
});

describe('lockstep bench', () => {
  it('measures the ceiling, real runs, where their time goes and their bytes', async () => {
    const { machine, speed } = await benchOf(SMALL);
    expect(machine).toMatchObject({ cores: positive, node: process.version });
    expect(speed).toMatchObject({
      ceiling: { median: positive, rounds: [positive] },
      ceilingInStep: { median: positive, rounds: [positive] },
      endToEnd: { median: positive, rounds: [positive] },
      ratio: { median: positive },
      ratioInStep: { median: positive },
      phases: { steps: 3, wallMs: positive, phases: { compute: positive, wait: positive } },
      bytes: [
        { wire: 'f32', up: positive, down: positive, denseUp: 4 * 3_274_634 * 2 },
        { wire: 'bf16', up: positive },
      ],
    });
    const [full, half] = (speed as { bytes: { up: number }[] }).bytes;
    // One bit per number for zero or not; non-zero ones take half as much.
    expect(half?.up).toBeGreaterThan((full?.up ?? 0) / 2);
    expect(half?.up).toBeLessThan(full?.up ?? 0);
  });

  it('says by name that there are no such data, before anything is measured', async () => {
    const sandbox = createSandbox();
    const args = ['bench', ...SMALL, '--part', 'ceiling', '--data', join(sandbox.folder, 'none')];
    const { code, stdout, stderr } = await lockstep(sandbox, args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('data-not-found');
    await sandbox.empty();
  });

  it('refuses a part that there is not', async () => {
    const { code, stderr } = await lockstep(createSandbox(), ['bench', '--part', 'phases,speed']);
    expect(code).toBe(2);
    expect(stderr).toContain('--part must be some of ceiling, end-to-end');
  });
});
