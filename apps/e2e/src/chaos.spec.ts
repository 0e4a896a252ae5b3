import { describe, expect, inject, it } from 'vitest';
import { lockstep, startLockstep } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';
import { until } from './harness/until.js';

function chaos(plan: string, steps: number): string[] {
  const small = ['--batch', '20', '--shard-size', '4', '--workers', '2'];
  const data = ['--data', inject('smallData')];
  return ['chaos', ...small, ...data, '--steps', String(steps), '--plan', plan];
}

/** Faults of every kind. */
const PLAN = [
  'at 5% kill-worker',
  'at 15% scale 3',
  'at 20% flood 2s',
  'at 30% restart-redis',
  'at 35% contradict',
  'at 45% freeze-worker 1.5s',
  'at 60% kill-coordinator',
  'at 80% freeze-coordinator 1s',
].join('; ');

interface Report {
  readonly equal: boolean;
  readonly findings: readonly string[];
  readonly plan: string;
  readonly left: string;
  readonly ledger: object;
  readonly acts: readonly { fault: string; step: number }[];
  readonly impacts: readonly { kind: string; acts: number }[];
  readonly undisturbed: { weightsSha256: string };
  readonly disturbed: { weightsSha256: string; stepMs: { count: number } };
}

describe('lockstep chaos', () => {
  it('injects all kinds of faults into a run, which ends with the same weights and ledger', async () => {
    const sandbox = createSandbox();
    const { code, stdout, stderr } = await lockstep(sandbox, [...chaos(PLAN, 30), '--json']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({
      ...{ equal: true, findings: [], plan: PLAN, left: '' },
      ledger: { samples: 600, samplesLost: 0, samplesDoubled: 0 },
      disturbed: { stepMs: { count: 29 } },
    });
    expect(report.acts.map(({ fault }) => fault)).toEqual(
      PLAN.split('; ').map((entry) => entry.replace(/^at \S+ /, '')),
    );
    expect(report.impacts).toHaveLength(report.acts.length);
    expect(report.disturbed.weightsSha256).toBe(report.undisturbed.weightsSha256);
    await sandbox.empty();
  });

  it('leaves nothing behind when it is interrupted with frozen processes', async () => {
    const sandbox = createSandbox();
    const plan = 'at 0% freeze-worker 600s; at 1% freeze-coordinator 600s';
    const run = startLockstep(sandbox, chaos(plan, 20));
    await until('both are frozen', () => run.stdout.includes('freeze-coordinator 600s:'), 120_000);
    run.interruptGroup();
    expect(await run.ended).toBe(130);
    await sandbox.empty();
  });

  it('reports mistakes before any work, and passes on the errors of a training', async () => {
    const sandbox = createSandbox();
    const senseless = await lockstep(sandbox, ['chaos', '--plan', 'at noon kill-worker']);
    expect(senseless).toMatchObject({ code: 2, stdout: '' });
    expect(senseless.stderr).toContain('“at noon kill-worker” is not understood');
    const noData = await lockstep(sandbox, ['chaos', '--data', 'nowhere', '--json']);
    expect(noData).toMatchObject({ code: 2, stdout: '' });
    expect(noData.stderr).toContain('data-not-found');
    await sandbox.empty();
  });
});
