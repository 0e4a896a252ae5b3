import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { startLockstep } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';

describe('the sources of options', () => {
  const file = { steps: 7, batch: 8, shardSize: 2, workers: 1, minWorkers: 9, out: 'runs' };

  it.each([
    ['lockstep.config.json', JSON.stringify(file)],
    [
      'lockstep.config.ts',
      `const options: { steps: number } = ${JSON.stringify(file)};\nexport default options;\n`,
    ],
  ])('a flag beats LOCKSTEP_…, which beats %s', async (name, content) => {
    const sandbox = createSandbox();
    writeFileSync(join(sandbox.folder, name), content);
    const environment = {
      LOCKSTEP_BATCH: '12',
      LOCKSTEP_SHARD_SIZE: '3',
      LOCKSTEP_DATA: inject('smallData'),
    };
    const run = startLockstep(sandbox, ['train', '--shard-size', '4', '--json'], { environment });
    const started = await run.event('run-started');
    expect(started).toMatchObject({ steps: 7, batch: 12, shardsPerStep: 3, trainCount: 2000 });
    run.interruptGroup();
    expect(await run.ended).toBe(130);
    expect(sandbox.runNames()).toHaveLength(1);
    await sandbox.empty();
  });
});
