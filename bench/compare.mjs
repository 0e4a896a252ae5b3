#!/usr/bin/env node
// Lockstep and PyTorch DDP on the same CNN, by turns on the same machine, as absolute times drift and
// the ratio within a round does not.
//
//   node bench/compare.mjs --install     installs PyTorch (CPU) by pip into a folder of its own, once
//   node bench/compare.mjs               five rounds, as a table
//   node bench/compare.mjs --json        the same as one JSON object
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism, cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const lockstep = join(here, '..', 'apps', 'cli', 'dist', 'main.js');
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

const { values } = parseArgs({
  options: {
    install: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** A virtual environment that has PyTorch. */
    venv: { type: 'string', default: join(cache, 'lockstep', 'peer-venv') },
    rounds: { type: 'string', default: '5' },
    workers: { type: 'string', default: '2' },
    batch: { type: 'string', default: '100' },
    threads: { type: 'string', default: '1' },
    /** Until V8 has compiled what runs at every step. */
    warmup: { type: 'string', default: '250' },
    steps: { type: 'string', default: '200' },
    momentum: { type: 'string', default: '0' },
  },
});

const python = join(values.venv, 'bin', 'python');

function install() {
  mkdirSync(dirname(values.venv), { recursive: true });
  const show = { stdio: ['ignore', process.stderr, process.stderr] };
  execFileSync('python3', ['-m', 'venv', values.venv], show);
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'torch', 'numpy'], show);
}

/** The last line that a program prints, read as JSON. */
function lastLine(program, args) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const output = execFileSync(program, args, { encoding: 'utf8', stdio });
  return JSON.parse(output.trim().split('\n').at(-1));
}

function measurePeer() {
  const { batch, threads, warmup, steps, workers } = values;
  return lastLine(python, [
    ...[join(here, 'peer_ddp.py'), '--ranks', workers, '--batch', batch],
    ...['--threads', threads, '--warmup', warmup, '--steps', steps],
  ]);
}

function measureOurs() {
  const { batch, threads, warmup, steps, workers, momentum } = values;
  const { speed } = lastLine(process.execPath, [
    ...[lockstep, 'bench', '--part', 'end-to-end', '--rounds', '1', '--json'],
    ...['--workers', workers, '--batch', batch, '--threads', threads],
    ...['--warmup', warmup, '--steps', steps, '--momentum', momentum],
  ]);
  return speed;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function measure() {
  const rounds = [];
  const versions = { node: process.version };
  for (let round = 1; round <= Number(values.rounds); round++) {
    const peer = measurePeer();
    const ours = measureOurs();
    versions.torch = peer.torch;
    versions.backend = ours.backend;
    const rates = { lockstep: ours.endToEnd.median, ddp: peer.samplesPerSecond };
    const [othersCores] = ours.endToEnd.othersCores;
    rounds.push({ ...rates, ratio: rates.lockstep / rates.ddp, othersCores });
  }
  const middle = (name) => median(rounds.map((round) => round[name]));
  const cpu = cpus()[0]?.model.trim();
  return {
    machine: { cpu, cores: availableParallelism(), ...versions },
    settings: { ...values, install: undefined, json: undefined, venv: undefined },
    rounds,
    median: { lockstep: middle('lockstep'), ddp: middle('ddp'), ratio: middle('ratio') },
  };
}

function table({ machine, rounds, median: medians }) {
  const row = (name, { lockstep: ours, ddp, ratio }) =>
    [name.padEnd(7), ...[ours, ddp].map((rate) => rate.toFixed(0).padStart(10))].join('') +
    ratio.toFixed(3).padStart(9);
  return [
    `${machine.cpu}, ${machine.cores} cores; ${machine.backend}; PyTorch ${machine.torch}; Node ${machine.node}`,
    `${'round'.padEnd(7)}${'Lockstep'.padStart(10)}${'DDP'.padStart(10)}${'ratio'.padStart(9)}   samples/s`,
    ...rounds.map((round, i) => row(String(i + 1), round)),
    row('median', medians),
  ].join('\n');
}

if (values.install) install();
else if (!existsSync(python)) {
  process.stderr.write('PyTorch is not installed yet: node bench/compare.mjs --install\n');
  process.exitCode = 2;
} else {
  const result = measure();
  process.stdout.write(`${values.json ? JSON.stringify(result) : table(result)}\n`);
}
