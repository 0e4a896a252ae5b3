#!/usr/bin/env node
// Measures the coordinator alone, with simulated workers that only pause, beside bare grpc-js moving the
// same bytes. Everything else is real: Redis, gRPC, the coordinator's own process.
//
//   node bench/scaling.mjs                       many workers: 1 to 64, shards of 25, 100 and 400
//   node bench/scaling.mjs --part sizes          models of 0.1 to 100 million parameters; shards per step
//   node bench/scaling.mjs --counts 1,8 --shards 25 --rounds 1
//   node bench/scaling.mjs --json                one JSON object per line
//
// --rate N: samples per second of a simulated worker; --seconds N: maximum length of one measurement;
// --millions, --per-step: what --part sizes varies; --data, --model as of `lockstep train`.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, '..', 'apps', 'cli', 'dist', 'main.js');
const sources = join(here, 'simulated');
const built = join(here, 'dist');

if (!existsSync(program)) {
  process.stderr.write('Lockstep is not built yet: npm run build\n');
  process.exit(2);
}
// Processes of the measurement are started by their file, so the TypeScript sources are built first.
await build({
  input: ['main', 'bare-grpc-child', 'simulated-workers-child'].map((name) =>
    join(sources, `${name}.ts`),
  ),
  platform: 'node',
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  logLevel: 'warn',
  output: { dir: built, chunkFileNames: '[name]-[hash].js', cleanDir: true },
});
const child = spawn(
  process.execPath,
  [join(built, 'main.js'), ...process.argv.slice(2), '--program', program],
  { stdio: 'inherit' },
);
child.once('close', (code) => (process.exitCode = code ?? 1));
