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
  const code = await runNx(count);
  const { line, failed } = count.close(code);
  process.stdout.write(`\n${line}\n`);
  process.exitCode = failed ? 1 : 0;
});

/** One task at a time: TensorFlow in several packages at once overloads two cores. */
function runNx(count) {
  const nx = join(root, 'node_modules', '.bin', 'nx');
  const targets = ['-t', 'lint', 'typecheck', 'test', '--parallel=1', '--output-style=stream'];
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
