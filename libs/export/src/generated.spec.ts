import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const programs = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));
const FILE = 'onnx/onnx.ts';

it('is the output of `npm run generate`', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-generated-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const args = ['generate', 'proto', '--template', 'proto/buf.gen.yaml', '--output', folder];
  execFileSync(join(programs, 'buf'), args, {
    cwd: packageFolder,
    env: { ...process.env, PATH: `${programs}${delimiter}${process.env.PATH ?? ''}` },
  });
  const fresh = readFileSync(join(folder, FILE), 'utf8');
  const committed = readFileSync(join(packageFolder, 'src/generated', FILE), 'utf8');
  expect(fresh === committed, 'stale: run `npm run generate` in libs/export').toBe(true);
});
