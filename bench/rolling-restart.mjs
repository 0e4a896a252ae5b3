#!/usr/bin/env node
// Restarts everything in turn, twenty times, while a run is trained: Redis, the coordinator and both
// workers, each by SIGTERM and the same command again, as an upgrade of a cluster does. Then compares
// the weights with those of the same run in peace.
//
//   node bench/rolling-restart.mjs
//   node bench/rolling-restart.mjs --rounds 5 --steps 800
//
// Exit code 0: the same weights, every step in the ledger, and no job that the queue gave up.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = join(root, 'apps', 'e2e', 'dist');
const { rollingRestart } = await import(join(built, 'rolling-restart.js'));
const { processesOf } = await import(join(built, 'harness', 'processes.js'));

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    steps: { type: 'string', default: '2000' },
    data: { type: 'string', default: 'mnist' },
  },
});
const run = ['--steps', values.steps, '--batch', '20', '--shard-size', '4'];
// The recipe's rate is for larger batches.
const rare = ['--eval-every', '1000000', '--learning-rate', '0.01'];
const data = ['--data', values.data];

const folder = mkdtempSync(join(tmpdir(), 'lockstep-rolling-'));
const sandbox = { folder, runs: join(folder, 'runs'), temporary: join(folder, 'tmp') };
mkdirSync(sandbox.temporary);
try {
  const began = performance.now();
  const say = (round, step) =>
    process.stderr.write(`round ${round + 1} of ${values.rounds}, at step ${step}\n`);
  const result = await rollingRestart(sandbox, [...run, ...rare], data, Number(values.rounds), say);
  const seconds = Math.round((performance.now() - began) / 1000);
  const peace = weightsInPeace();
  const holds =
    result.weightsSha256 === peace &&
    result.failedJobs === 0 &&
    result.steps === Number(values.steps) &&
    result.rounds === Number(values.rounds);
  process.stdout.write(
    `${JSON.stringify({ ...result, seconds, inPeace: peace, holds }, null, 2)}\n`,
  );
  if (result.rounds < Number(values.rounds)) {
    process.stderr.write('the run was over before: give it more --steps\n');
  }
  process.exitCode = holds ? 0 : 1;
} finally {
  for (const { pid } of processesOf(folder)) kill(pid);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

function weightsInPeace() {
  const lockstep = join(root, 'apps', 'cli', 'dist', 'main.js');
  const out = ['--out', join(folder, 'peace'), '--workers', '2', '--json', '--no-dashboard'];
  const args = [lockstep, 'train', ...run, ...rare, ...data, ...out];
  const env = { ...process.env, TMPDIR: sandbox.temporary };
  const stdio = ['ignore', 'pipe', 'inherit'];
  const output = execFileSync(process.execPath, args, { env, stdio, maxBuffer: 1 << 28 });
  const events = output
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return events.find(({ event }) => event === 'run-finished').weightsSha256;
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}
