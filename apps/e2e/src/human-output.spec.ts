import { existsSync } from 'node:fs';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import { describe, expect, inject, it } from 'vitest';
import { lockstep, startLockstep } from './harness/lockstep.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { until } from './harness/until.js';

const INTERRUPTED = 130;
const ESCAPE = '\u001b';
const CTRL_C = '\u0003';

describe('the terminal output', () => {
  const train = (sandbox: Sandbox, ...args: string[]): string[] => [
    ...['train', '--data', inject('smallData'), '--out', sandbox.runs, '--workers', '2'],
    ...['--batch', '4', '--shard-size', '4', '--no-dashboard', ...args],
  ];

  it('in a file or a pipe: a header, every 100th step, the test accuracy, the model', async () => {
    const sandbox = createSandbox();
    const { code, stdout, stderr } = await lockstep(sandbox, train(sandbox, '--steps', '100'));
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).not.toContain(ESCAPE);
    const [name = ''] = sandbox.runNames();
    for (const line of [
      `Lockstep  run ${name}`,
      /^ {2}model +mnist-cnn, 3,274,634 parameters$/m,
      /^ {2}data +.*2,000 training and 100 test samples, 28×28×1, 10 classes$/m,
      /^ {2}steps +100 of 4 samples in 1 shards?/m,
      /^ {2}backend +(native|wasm) /m,
      /^ {2}redis +embedded, (Redis|Valkey) \d/m,
      /^step 100, training accuracy \d+\.\d\d %/m,
      /^test accuracy \d+\.\d\d % after 100 steps/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    const [, model = ''] = /^model saved in (.+)$/m.exec(stdout) ?? [];
    expect(existsSync(join(model, 'model.json'))).toBe(true);
    await sandbox.empty();
  });

  it('on a terminal: a live line too, and the exit code of a run that finished', async () => {
    const sandbox = createSandbox();
    const run = startLockstep(sandbox, train(sandbox, '--steps', '20'), { terminal: true });
    expect(await run.ended).toBe(0);
    expect(run.stdout).toMatch(/step \d+\/20 .*loss \d+\.\d+ .*samples\/s.* left/);
    const screen = await screenAfter(run.stdout);
    expect(screen[0]).toBe(`Lockstep  run ${sandbox.runNames()[0] ?? ''}`);
    for (const line of screen.slice(1)) expect(line).toMatch(LINES);
    await sandbox.empty();
  });

  it('on a terminal: Ctrl-C saves the run and reports it', async () => {
    const sandbox = createSandbox();
    const run = startLockstep(sandbox, train(sandbox, '--steps', '5000'), { terminal: true });
    await until('a step on the live line', () => /step [1-9]\d*\/5000/.test(run.stdout));
    run.type(CTRL_C);
    expect(await run.ended).toBe(INTERRUPTED);
    const screen = await screenAfter(run.stdout);
    expect(screen.join('\n')).toContain('stopping: saving the run');
    expect(screen).toContain('stopped: it was interrupted');
    for (const line of screen.slice(1)) expect(line).toMatch(LINES);
    await sandbox.empty();
  });
});

/** All that a run prints on a terminal and leaves there. */
const LINES =
  /^ {2}\w+ +\S|^ {12}\S|^(worker |waiting for workers: |(\^C)?stopping: |stopped: |step \d+, t|test accuracy |weights |model saved in )/;

/** The final screen of a wide terminal. */
async function screenAfter(output: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: 200, rows: 60, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const { active } = terminal.buffer;
  const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row));
  return rows.map((row) => row?.translateToString(true) ?? '').filter((line) => line !== '');
}
