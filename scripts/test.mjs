// `npm test`: the set-up, then lint, types and tests of every room, and a closing line that counts.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { asCommand, setUp } from './setup.mjs';
import { root } from './steps.mjs';
import { TestCount } from './test-count.mjs';

await asCommand(async () => {
  await setUp();
  const count = new TestCount();
  const code = await runNx(count);
  const { line, failed } = count.close(code);
  process.stdout.write(`\n${line}\n`);
  process.exitCode = failed ? 1 : 0;
});

/** One task at a time: real TensorFlow in several rooms at once makes two cores crawl. */
function runNx(count) {
  const nx = join(root, 'node_modules', '.bin', 'nx');
  const targets = ['-t', 'lint', 'typecheck', 'test', '--parallel=1', '--output-style=stream'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [nx, 'run-many', ...targets, ...process.argv.slice(2)], {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false', FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.on('error', reject);
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      count.read(line);
      process.stdout.write(`${line}\n`);
    });
    lines.on('close', () =>
      child.exitCode === null ? child.on('exit', resolve) : resolve(child.exitCode),
    );
  });
}
