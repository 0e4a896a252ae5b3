import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { startLockstep, type Lockstep } from './harness/lockstep.js';
import { processesOf } from './harness/processes.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { until } from './harness/until.js';

const BAD_INPUT = 2;

function start(sandbox: Sandbox, args: readonly string[], environment = {}): Lockstep {
  const common = ['--data', inject('smallData'), '--steps', '1', '--workers', '1', '--json'];
  return startLockstep(sandbox, ['train', ...common, ...args], { environment });
}

/** The output of a run that the environment makes impossible. */
async function refused(sandbox: Sandbox, run: Lockstep): Promise<string> {
  expect(await run.ended).toBe(BAD_INPUT);
  expect(run.stderr).toContain('what to do:');
  expect(run.stderr).not.toMatch(/^\s+at /m);
  await sandbox.empty();
  return run.stderr;
}

describe('folders that cannot be written are refused before any work', () => {
  it.each([
    ['a file', 'file', /file cannot be written: .* not a folder \(ENOTDIR\)/],
    ['a link that leads nowhere', 'link', /not a folder has this name \(EEXIST\)/],
    ['a file system that takes no files', '/proc/x', /--out \/proc\/x cannot be written/],
    ['a device', '/dev/null/x', /--out \/dev\/null\/x cannot be written/],
  ])('--out that is %s', async (_what, out, message) => {
    const sandbox = createSandbox();
    writeFileSync(join(sandbox.folder, 'file'), '');
    symlinkSync('nowhere', join(sandbox.folder, 'link'));
    expect(await refused(sandbox, start(sandbox, ['--out', out]))).toMatch(message);
  });

  it('--tensorboard', async () => {
    const sandbox = createSandbox();
    const run = start(sandbox, ['--out', sandbox.runs, '--tensorboard', '/proc/x/y']);
    expect(await refused(sandbox, run)).toMatch(/path-unusable --tensorboard \/proc\/x\/y/);
    expect(sandbox.runNames()).toEqual([]);
  });
});

describe('an environment that lacks something', () => {
  it('a home and a temporary folder: the run needs neither', async () => {
    const sandbox = createSandbox();
    const home = { HOME: '/', XDG_CACHE_HOME: '/dev/null', TMPDIR: '/nonexistent' };
    const environment = { ...home, NODE_ENV: 'production', SANDBOX: sandbox.folder };
    const run = start(sandbox, ['--out', sandbox.runs, '--batch', '20'], environment);
    expect(await run.ended).toBe(0);
    expect(run.events.map(({ event }) => event)).toContain('run-finished');
    await sandbox.empty();
  });
});

describe('the processes of a run whose model never ends', () => {
  it.each([
    ['loops', 'for (;;);'],
    ['waits', 'await new Promise(() => {});'],
  ])('end with the command when it %s', async (_how, source) => {
    const sandbox = createSandbox();
    const folder = join(sandbox.folder, 'models');
    mkdirSync(folder);
    const model = join(folder, 'endless.mjs');
    writeFileSync(model, source);
    const run = start(sandbox, ['--out', sandbox.runs, '--model', model]);
    await run.event('listening');
    await until('a coordinator', () =>
      processesOf(sandbox.folder).some(({ command }) => command.includes('main.js coordinator')),
    );
    run.kill('SIGKILL');
    await run.ended;
    await sandbox.empty();
  });
});
