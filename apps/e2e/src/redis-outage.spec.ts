import { describe, expect, it } from 'vitest';
import { processesOf } from './harness/processes.js';
import { readLedger } from './harness/run-files.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';
import { until } from './harness/until.js';

const NOTICED_WITHIN_MS = 30_000;

describe('a Redis that does not answer', () => {
  it('makes the run wait with a reason; it continues with the same weights', async () => {
    const sandbox = createSandbox();
    const run = startReference(sandbox, ['--workers', '2']);
    const { folder } = await run.event('run-started');
    await run.event('step', ({ step }) => step === 3);
    const redis = processesOf(sandbox.folder).find(({ command }) =>
      /(redis|valkey)-server/.test(command.split(' ')[0] ?? ''),
    );
    if (!redis) throw new Error('no Redis runs in the sandbox');

    process.kill(redis.pid, 'SIGSTOP');
    await run.event(
      'state',
      ({ state, reason }) =>
        state === 'waiting-for-workers' && /no shard can reach a worker: .*Redis/s.test(reason),
      NOTICED_WITHIN_MS,
    );
    const before = readLedger(folder).length;
    expect(before).toBeLessThan(10);
    // Several times as long as a step takes: a further step would have started by now.
    const frozenAt = performance.now();
    await until('three seconds pass', () => performance.now() - frozenAt > 3_000);
    expect(readLedger(folder)).toHaveLength(before);

    process.kill(redis.pid, 'SIGCONT');
    expect(await finished(run)).toBe(referenceSha256());
    await sandbox.empty();
  });
});
