import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startLockstep } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';
import { finished } from './harness/train.js';

const stripes = fileURLToPath(new URL('../../../examples/stripes', import.meta.url));

it('the example of own data and an own model learns', async () => {
  const sandbox = createSandbox();
  const data = join(sandbox.folder, 'stripes-data');
  execFileSync(process.execPath, [join(stripes, 'make-data.mjs'), data]);
  const own = ['--data', data, '--model', join(stripes, 'model.mjs'), '--steps', '300'];
  const run = startLockstep(sandbox, ['train', ...own, '--workers', '2', '--json']);
  await finished(run);
  const { testAccuracy } = await run.event('run-finished');
  expect(testAccuracy).toBeGreaterThan(0.9);
});
