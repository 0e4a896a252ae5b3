#!/usr/bin/env node
// Processor time per step of the coordinator and of the workers, of this checkout and of another one,
// by turns on the same machine: absolute times drift, the ratio within a round drifts less.
//
//   node bench/step-cost.mjs OTHER              OTHER: a built checkout
//   node bench/step-cost.mjs OTHER --json       the same as one JSON object
//
// Linux only: times are read from /proc. The first steps, in which V8 compiles, are left out.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Of `utime` and `stime` in /proc; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
    warmup: { type: 'string', default: '150' },
    steps: { type: 'string', default: '300' },
    workers: { type: 'string', default: '2' },
    batch: { type: 'string', default: '100' },
  },
});
const [other] = positionals;
if (!other) throw new Error('name the folder of another built checkout');
const checkouts = { here: join(dirname(fileURLToPath(import.meta.url)), '..'), other };

/** Seconds of processor time of a process. */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Starts a training of a checkout. */
function train(checkout, out, steps) {
  const args = ['train', '--json', '--no-dashboard', '--out', out, '--workers', values.workers];
  const size = ['--batch', values.batch, '--steps', String(steps), '--eval-every', '1000000'];
  return spawn(
    process.execPath,
    [join(checkout, 'apps', 'cli', 'dist', 'main.js'), ...args, ...size],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
}

/** Milliseconds per step: processor time of the coordinator and of all workers, and wall time. */
async function measure(checkout) {
  const out = mkdtempSync(join(tmpdir(), 'lockstep-step-cost-'));
  const first = Number(values.warmup);
  const last = first + Number(values.steps);
  const child = train(checkout, out, last + 50);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const workers = [];
  const look = (coordinator) => ({
    coordinatorMs: cpuSeconds(coordinator) * 1_000,
    workersMs: workers.reduce((sum, pid) => sum + cpuSeconds(pid) * 1_000, 0),
    wallMs: performance.now(),
  });
  let coordinator;
  let before;
  let after;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    if (event.event === 'worker' && event.state === 'joined') workers.push(event.pid);
    if (event.event !== 'step') continue;
    if (event.step === first) {
      const [run] = readdirSync(out).filter((name) => /^\d{8}-/.test(name));
      coordinator = JSON.parse(readFileSync(join(out, run, 'address.json'), 'utf8')).pid;
      before = look(coordinator);
    }
    if (event.step === last) {
      after = look(coordinator);
      child.kill('SIGINT');
    }
  }
  await ended;
  rmSync(out, { recursive: true, force: true });
  const perStep = (key) => (after[key] - before[key]) / Number(values.steps);
  return {
    coordinatorMs: perStep('coordinatorMs'),
    workersMs: perStep('workersMs'),
    wallMs: perStep('wallMs'),
  };
}

const middle = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  // The order changes with each round, so that a drift in one direction favours neither.
  const order = round % 2 === 0 ? ['here', 'other'] : ['other', 'here'];
  const measured = {};
  for (const name of order) measured[name] = await measure(checkouts[name]);
  rounds.push(measured);
}

const report = Object.fromEntries(
  ['coordinatorMs', 'workersMs', 'wallMs'].map((key) => [
    key,
    {
      here: middle(rounds.map(({ here }) => here[key])),
      other: middle(rounds.map((round) => round.other[key])),
      ratio: middle(rounds.map((round) => round.here[key] / round.other[key])),
      ratioByRound: rounds.map((round) => round.here[key] / round.other[key]),
    },
  ]),
);
if (values.json) console.log(JSON.stringify(report));
else {
  console.table(
    Object.fromEntries(
      Object.entries(report).map(([key, row]) => [
        key,
        {
          'here, ms a step': row.here.toFixed(2),
          'other, ms a step': row.other.toFixed(2),
          'here / other, median': row.ratio.toFixed(3),
          'by round': row.ratioByRound.map((ratio) => ratio.toFixed(3)).join(', '),
        },
      ]),
    ),
  );
}
