import { describe, expect, it } from 'vitest';
import { processesOf } from './harness/processes.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';
import { until } from './harness/until.js';

interface Rows {
  readonly workers: readonly {
    readonly id: string;
    readonly state: string;
    readonly pid: number;
    readonly samplesPerSecond: number;
    readonly cores: number | null;
  }[];
}

describe('one worker of several', () => {
  it('is listed, drained and not replaced, and its log shows it', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '2', '--min-workers', '2']);
    const { http = '' } = await run.event('listening');
    const read = async <Body>(path: string): Promise<Body> =>
      (await (await fetch(`${http}${path}`)).json()) as Body;
    await run.event('step');
    const [one] = await until('both at work', async () => {
      const { workers } = await read<Rows>('/api/workers');
      return workers.length === 2 && workers.every((row) => row.cores !== null) && workers;
    });
    if (!one) throw new Error('no worker');

    // The run then waits for another one, which is requested below.
    const answer = await fetch(`${http}/api/workers/${one.id}/drain`, { method: 'POST' });
    expect(await answer.json()).toEqual({ id: one.id, changed: true });
    await run.event('worker', ({ id, state }) => id === one.id && state === 'left');
    await until('its process has ended', () =>
      processesOf(sandbox.folder).every(({ pid }) => pid !== one.pid),
    );
    const rows = (await read<Rows>('/api/workers')).workers;
    expect(rows.find(({ id }) => id === one.id)).toMatchObject({ state: 'left' });
    expect(rows.filter(({ state }) => state === 'ready')).toHaveLength(1);
    const { lines } = await read<{ lines: { text: string }[] }>(`/api/workers/${one.id}/log`);
    const said = lines.map(({ text }) => text.split(/[ ,:]/)[0]);
    expect(said).toEqual(['joined', 'ready', 'leaving']);

    await fetch(`${http}/api/workers/scale`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ workers: 2 }),
    });
    const { traceEvents } = await read<{ traceEvents: { name: string }[] }>('/api/trace');
    expect(traceEvents.some(({ name }) => name === 'compute')).toBe(true);
    expect(await finished(run)).toBe(referenceSha256());
    await sandbox.empty();
  });
});
