import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { createSandbox } from './harness/sandbox.js';
import { finished, startReference } from './harness/train.js';
import { until } from './harness/until.js';

const RUN = ['--steps', '50', '--workers', '2', '--heartbeat-timeout', '30000'];

/** Loaded by every process: its wall clock is an hour ahead while the file `ahead` exists. */
const SHIFTED_CLOCK = `
import { existsSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
const right = Date.now;
Date.now = () => {
  if (!existsSync(process.env.CLOCK_AHEAD)) return right();
  if (isMainThread) writeFileSync(process.env.CLOCK_AHEAD + '.' + process.pid, '');
  return right() + 3_600_000;
};
`;

it('a wall clock that jumps by an hour and back loses no worker and changes no bit', async () => {
  const undisturbed = await finished(startReference(createSandbox(), RUN));

  const sandbox = createSandbox();
  const ahead = join(sandbox.folder, 'ahead');
  const clock = join(sandbox.folder, 'clock.mjs');
  writeFileSync(clock, SHIFTED_CLOCK);
  const run = startReference(sandbox, RUN, {
    environment: { CLOCK_AHEAD: ahead, NODE_OPTIONS: `--import=${pathToFileURL(clock).href}` },
  });
  const { step: begun } = await run.event('step', ({ workers }) => workers === 2);
  writeFileSync(ahead, '');
  await until('coordinator and workers have seen the jump', () => {
    const seen = readdirSync(sandbox.folder).filter((name) => name.startsWith('ahead.'));
    return seen.length >= 3;
  });
  await run.event('step', ({ step }) => step > begun + 5);
  rmSync(ahead);

  expect(await finished(run)).toBe(undisturbed);
  const gone = run.events.filter((event) => event.event === 'worker' && event.state === 'lost');
  expect(gone).toEqual([]);
});
