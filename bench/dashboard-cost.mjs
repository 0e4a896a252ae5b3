#!/usr/bin/env node
// What it costs the coordinator that people look: its main thread's processor time, and the training's
// rate, without and with open pages, by turns, since both drift.
//
//   node bench/dashboard-cost.mjs               three rounds, as a table
//   node bench/dashboard-cost.mjs --json        the same as one JSON object
//
// Each reader does over HTTP what a page does: it loads the present and the past, follows the stream of
// events and asks again as often as the page's views do. Linux only: times are read from /proc.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const lockstep = join(here, '..', 'apps', 'cli', 'dist', 'main.js');
/** Of `utime` and `stime` in /proc; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '6' },
    workers: { type: 'string', default: '2' },
    /** Steps to be made before the first measurement. */
    warmup: { type: 'string', default: '60' },
  },
});
const seconds = Number(values.seconds);

/** What each kind of reader asks again and again: address and milliseconds between two. */
const always = [['/api/run', 5_000]];
const views = {
  Overview: [...always, ['/api/workers', 2_500]],
  Timeline: [...always, ['/api/timeline', 2_000]],
  Network: [...always, ['/api/model/histograms', 5_000], ['/api/model/filters', 4_000]],
};
const cases = [
  { name: 'one page, Overview', readers: 1, view: 'Overview' },
  { name: 'one page, Timeline', readers: 1, view: 'Timeline' },
  { name: 'one page, Network', readers: 1, view: 'Network' },
  { name: '50 pages, Overview', readers: 50, view: 'Overview' },
  { name: 'one page, a stroke every 100 ms', readers: 1, view: 'Overview', strokesPerSecond: 10 },
];

/** One page's requests, until it is closed. */
function read(url, view, signal) {
  let after = 0;
  const get = async (path) => {
    const query = path === '/api/timeline' ? `?after=${after}` : '';
    const response = await fetch(`${url}${path}${query}`, { signal });
    const body = await response.json();
    if (path === '/api/timeline') after = body.steps.at(-1)?.step ?? after;
  };
  const follow = async () => {
    const response = await fetch(`${url}/api/events`, { signal });
    for await (const _chunk of response.body) if (signal.aborted) return;
  };
  const quietly = (promise) =>
    promise.catch((error) => {
      if (!signal.aborted) throw error;
    });
  for (const path of ['/api/run', '/api/steps', '/api/activity']) void quietly(get(path));
  void quietly(follow());
  for (const [path, everyMs] of views[view]) {
    const timer = setInterval(() => void quietly(get(path)), everyMs);
    signal.addEventListener('abort', () => clearInterval(timer));
    void quietly(get(path));
  }
}

/** Strokes on the sheet of "Draw a digit": each asks for all feature maps. */
function draw(url, perSecond, signal) {
  const pixels = Array.from({ length: 784 }, (_, n) => (n % 28 > 11 && n % 28 < 16 ? 1 : 0));
  const body = JSON.stringify({ pixels, activations: true });
  const headers = { 'content-type': 'application/json' };
  const timer = setInterval(() => {
    fetch(`${url}/api/predict`, { method: 'POST', headers, body, signal })
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
  }, 1_000 / perSecond);
  signal.addEventListener('abort', () => clearInterval(timer));
}

/** Seconds of processor time of a process's main thread. */
function mainThreadSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Cores that the main thread used, and samples a second, while so many looked. */
async function measure({ url, pid, batch }, { readers = 0, view, strokesPerSecond } = {}) {
  const open = new AbortController();
  for (let reader = 0; reader < readers; reader++) read(url, view, open.signal);
  if (strokesPerSecond) draw(url, strokesPerSecond, open.signal);
  // Opening is told apart from being open.
  await delay(1_500);
  const stepNow = async () => (await (await fetch(`${url}/api/run`)).json()).step;
  const [begun, cpu, step] = [performance.now(), mainThreadSeconds(pid), await stepNow()];
  await delay(1_000 * seconds);
  const steps = (await stepNow()) - step;
  const wall = (performance.now() - begun) / 1_000;
  const cores = (mainThreadSeconds(pid) - cpu) / wall;
  open.abort();
  return { cores, samplesPerSecond: (steps * batch) / wall };
}

/** A training, its coordinator's process and where it answers. */
async function startTraining(out) {
  const args = ['train', '--json', '--http', '127.0.0.1:0', '--out', out];
  const size = ['--steps', '1000000', '--workers', values.workers, '--eval-every', '1000000'];
  const child = spawn(process.execPath, [lockstep, ...args, ...size], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const found = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    if (event.event === 'listening') found.url = event.http;
    if (event.event === 'run-started') Object.assign(found, event);
    if (event.event === 'step' && event.step >= Number(values.warmup)) break;
  }
  child.stdout.resume();
  const { pid } = JSON.parse(readFileSync(join(found.folder, 'address.json'), 'utf8'));
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
  };
  return { url: found.url, pid, batch: found.batch, stop };
}

const middle = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

const out = mkdtempSync(join(tmpdir(), 'lockstep-dashboard-cost-'));
const training = await startTraining(out);
const rows = cases.map(({ name }) => ({ name, alone: [], viewed: [] }));
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [index, each] of cases.entries()) {
      rows[index].alone.push(await measure(training));
      rows[index].viewed.push(await measure(training, each));
    }
  }
} finally {
  await training.stop();
  rmSync(out, { recursive: true });
}

const report = rows.map(({ name, alone, viewed }) => {
  const cores = viewed.map((measured, round) => measured.cores - alone[round].cores);
  return {
    name,
    coresMore: middle(cores),
    coresMoreByRound: cores,
    coresAlone: middle(alone.map((each) => each.cores)),
    samplesPerSecondAlone: middle(alone.map((each) => each.samplesPerSecond)),
    samplesPerSecond: middle(viewed.map((each) => each.samplesPerSecond)),
  };
});
if (values.json) console.log(JSON.stringify({ seconds, report }));
else {
  const percent = (cores) => `${(100 * cores).toFixed(2)} %`;
  console.table(
    Object.fromEntries(
      report.map((row) => [
        row.name,
        {
          'main thread, no page': percent(row.coresAlone),
          'more with pages': percent(row.coresMore),
          'by round': row.coresMoreByRound.map(percent).join(', '),
          'samples/s, no page': Math.round(row.samplesPerSecondAlone),
          'samples/s, with pages': Math.round(row.samplesPerSecond),
        },
      ]),
    ),
  );
}
