import { describe, expect, it } from 'vitest';
import { createSandbox } from './harness/sandbox.js';
import { finished, startTraining } from './harness/train.js';

describe('the wasm backend', () => {
  it('trains on request, and reports it', async () => {
    const sandbox = createSandbox();
    const tiny = ['--steps', '2', '--batch', '4', '--shard-size', '2', '--workers', '2'];
    const run = startTraining(sandbox, tiny, { environment: { LOCKSTEP_BACKEND: 'wasm' } });
    const { backend } = await run.event('run-started');
    expect(backend).toMatch(/^wasm/);
    const joined = await run.event('worker', ({ state }) => state === 'joined');
    expect(joined.reason).toContain('wasm');
    expect(await finished(run)).toMatch(/^[0-9a-f]{64}$/);
    await sandbox.empty();
  });
});
