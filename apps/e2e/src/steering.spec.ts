import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lockstep } from './harness/lockstep.js';
import { readLedger } from './harness/run-files.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { finished, startReference } from './harness/train.js';
import { until } from './harness/until.js';

/** Long enough to be controlled on a busy machine, without workers lost because they are slow. */
const LONG = ['--steps', '60', '--heartbeat-timeout', '30000'];

let undisturbed = '';

beforeAll(async () => {
  const undo: (() => void)[] = [];
  const sandbox = createSandbox((each) => undo.push(each));
  undisturbed = await finished(startReference(sandbox, [...LONG, '--workers', '2']));
  for (const each of undo) each();
});

interface Status {
  readonly runId: string;
  readonly state: string;
  readonly step: number;
  readonly http: string;
  readonly workerCounts: { readonly ready: number };
  readonly workers: readonly { readonly pid: number; readonly state: string }[];
}

async function steer(sandbox: Sandbox, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await lockstep(sandbox, [
    ...args,
    '--out',
    sandbox.runs,
    '--json',
  ]);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const status = async (sandbox: Sandbox): Promise<Status> =>
  (await steer(sandbox, 'status')) as unknown as Status;

describe('steering a run', () => {
  it('pauses, scales up and down, and comes out with the same weights', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '1', ...LONG]);
    const { folder } = await run.event('run-started');
    const ledger = () => readLedger(folder).length;
    await run.event('step');

    expect(await steer(sandbox, 'pause')).toMatchObject({ state: 'paused', changed: true });
    // The open step is finished.
    const before = await status(sandbox);
    expect(before.state).toBe('paused');
    expect(await steer(sandbox, 'scale', '3')).toMatchObject({ wanted: 3, useful: 5 });
    const grown = await until('three workers', async () => {
      const now = await status(sandbox);
      return now.workerCounts.ready === 3 && now;
    });
    expect(new Set(grown.workers.map(({ pid }) => pid)).size).toBe(3);
    // Loading two workers took longer than any step does, and only the open one was made.
    const still = ledger();
    expect(still).toBeLessThanOrEqual(before.step + 1);
    expect(await steer(sandbox, 'pause')).toMatchObject({ state: 'paused', changed: false });
    expect(ledger()).toBe(still);

    expect(await steer(sandbox, 'resume')).toMatchObject({ state: 'running', changed: true });
    await run.event('step', ({ step }) => step > still);
    expect(await steer(sandbox, 'scale', '1')).toMatchObject({ wanted: 1 });
    expect(await finished(run)).toBe(undisturbed);

    const gone = run.events.flatMap((event) =>
      event.event === 'worker' && event.state !== 'joined' ? [event.state] : [],
    );
    expect(gone.slice(0, 2)).toEqual(['left', 'left']);
    await sandbox.empty();
  });

  it('stops and saves a run, and resumes it to the same weights', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '2', ...LONG]);
    const { runId, folder } = await run.event('run-started');
    await run.event('step');
    const address = JSON.parse(readFileSync(join(folder, 'address.json'), 'utf8')) as object;
    expect(address).toMatchObject({ runId, term: 1 });

    const stopped = await steer(sandbox, 'stop', '--run', runId);
    expect(stopped).toMatchObject({ runId, state: 'stopped', changed: true });
    await run.ended;
    await sandbox.empty();
    for (const command of ['status', 'pause', 'resume', 'stop']) {
      const args = [command, '--run', runId, '--out', sandbox.runs];
      const { code, stderr } = await lockstep(sandbox, args);
      expect(code).toBe(2);
      expect(stderr).toContain('coordinator-unreachable');
      expect(stderr).toContain(`--resume ${runId}`);
    }
    const again = startReference(sandbox, ['--workers', '2', ...LONG, '--resume', runId]);
    expect(await finished(again)).toBe(undisturbed);
  });

  it('reports an address in use before any work', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '1', ...LONG]);
    const { http = '' } = await run.event('listening');
    const args = ['train', '--http', http.replace('http://', ''), '--out', sandbox.runs, '--json'];
    await run.event('run-started');
    const { code, stderr } = await lockstep(sandbox, args);
    expect(code).toBe(2);
    expect(stderr).toContain('port-in-use');
    expect(sandbox.runNames()).toHaveLength(1);
    run.kill('SIGKILL');
    await run.ended;
  });
});
