// `npm test`: the set-up, then lint, types and tests of every package, and a closing line with
// totals.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureBrowser } from './browser.mjs';
import { toolEnvironment } from './environment.mjs';
import { asCommand, setUp } from './setup.mjs';
import { root } from './steps.mjs';
import { TestCount } from './test-count.mjs';

await asCommand(async () => {
  await setUp();
  await ensureBrowser();
  const count = new TestCount();
  // Lint and types need one core each, tests all of them: TensorFlow in several packages at once
  // overloads two cores.
  const checks = await runNx(count, ['lint', 'typecheck'], 2);
  const tests = await runNx(count, ['test'], 1);
  const code = checks || tests;
  const { line, failed } = count.close(code);
  const { repeated } = count;
  if (repeated.length > 0) process.stdout.write(`\nTried again:\n${repeated.join('\n')}\n`);
  if (failed) process.stdout.write(`\nFailed:\n${count.failures.join('\n')}\n`);
  process.stdout.write(`\n${line}\n`);
  process.exitCode = failed ? 1 : 0;
});

/** @returns the exit code of nx, which runs so many tasks of these targets at once */
function runNx(count, names, parallel) {
  const nx = join(root, 'node_modules', '.bin', 'nx');
  const targets = ['-t', ...names, `--parallel=${parallel}`, '--output-style=stream'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [nx, 'run-many', ...targets, ...process.argv.slice(2)], {
      cwd: root,
      env: toolEnvironment({ NX_DAEMON: 'false' }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const outputs = [pass(child.stdout, process.stdout), pass(child.stderr, process.stderr)];
    child.on('error', reject);
    child.on('close', (code) => Promise.all(outputs).then(() => resolve(code ?? 1)));
  });

  /** nx writes failures to stderr and the rest to stdout; both are counted and shown live. */
  async function pass(from, to) {
    for await (const line of createInterface({ input: from })) {
      count.read(line);
      to.write(`${line}\n`);
    }
  }
}
