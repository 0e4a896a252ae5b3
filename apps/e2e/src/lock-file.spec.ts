import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

// Of two packages that want different versions of a third, npm 11 lets the optional one go without;
// npm 10, which comes with Node 20 and 22, then refuses to install anything. So `yaml` stands in the
// root's package.json, though only rooms import it: Vite asks for 2, and a linter's part brings 1.
it('names a version of each package that all who want it can take', async () => {
  const args = ['ls', '--all', '--package-lock-only', '--json'];
  const output = await promisify(execFile)('npm', args, { cwd: root, maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => stdout,
    (error: { readonly stdout: string }) => error.stdout,
  );
  const { name, problems = [] } = JSON.parse(output) as { name: string; problems?: string[] };
  expect(name).toBe('lockstep-workspace');
  expect(problems).toEqual([]);
});
