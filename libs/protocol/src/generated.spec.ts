import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const room = fileURLToPath(new URL('..', import.meta.url));
const programs = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));
const files = ['lockstep/v1/lockstep.ts', 'grpc/health/v1/health.ts'];

const buf = (...args: string[]): Promise<unknown> =>
  promisify(execFile)(join(programs, 'buf'), args, {
    cwd: room,
    env: { ...process.env, PATH: `${programs}${delimiter}${process.env.PATH ?? ''}` },
  });

it('is the output of `npm run generate`', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-generated-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await buf('generate', 'proto', '--template', 'proto/buf.gen.yaml', '--output', folder);
  for (const file of files) {
    const [fresh, committed] = await Promise.all([
      readFile(join(folder, file), 'utf8'),
      readFile(join(room, 'src/generated', file), 'utf8'),
    ]);
    expect(fresh === committed, 'stale: run `npm run generate` in libs/protocol').toBe(true);
  }
});

it('has a .proto file with a comment on every declaration', async () => {
  await buf('lint', 'proto');
});
