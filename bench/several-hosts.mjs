#!/usr/bin/env node
// How a run fares over a network: four hosts (Redis, the coordinator, two workers), which are network
// namespaces of this machine, with cables of a given round trip and bandwidth between them. Needs root.
//
//   node bench/several-hosts.mjs                     a table
//   node bench/several-hosts.mjs --json              a JSON object for each network
//   node bench/several-hosts.mjs --only "10 ms"      one of the networks
//
// The hosts share this machine's cores: what is measured is what the network costs, not what more
// machines bring. All networks must come to the same weights, or it ends with 1.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const harness = join(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  'apps',
  'e2e',
  'dist',
  'harness',
);
const { createHosts, whyNoHosts } = await import(join(harness, 'hosts.js'));
const cluster = await import(join(harness, 'cluster.js'));
const { processesOf } = await import(join(harness, 'processes.js'));
const { until } = await import(join(harness, 'until.js'));

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    steps: { type: 'string', default: '60' },
    warmup: { type: 'string', default: '10' },
    batch: { type: 'string', default: '100' },
    'shard-size': { type: 'string', default: '50' },
    data: { type: 'string', default: 'mnist' },
  },
});

/** Half of a round trip on each of the two cables that a packet passes. */
const networks = {
  loopback: undefined,
  'a switch': {},
  '1 ms': { delayMs: 0.25 },
  '10 ms': { delayMs: 2.5 },
  '50 ms': { delayMs: 12.5 },
  '100 Mbit/s': { mbit: 100 },
  '10 ms, 100 Mbit/s': { delayMs: 2.5, mbit: 100 },
};
const names = ['redis', 'coordinator', 'one', 'two'];
const steps = Number(values.steps);
const warmup = Number(values.warmup);

const why = whyNoHosts();
if (why !== undefined) {
  process.stderr.write(`no hosts can be made here: ${why}\n`);
  process.exit(2);
}

const results = [];
for (const [name, cables] of Object.entries(networks)) {
  if (values.only !== undefined && values.only !== name) continue;
  const result = { network: name, ...(await measure(cables)) };
  results.push(result);
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${inWords(result)}\n`);
}
const hashes = new Set(results.map(({ weightsSha256 }) => weightsSha256));
if (!values.json) process.stdout.write(`weights: ${[...hashes].join(' and ')}\n`);
if (hashes.size > 1) process.exitCode = 1;

function inWords({ network, samplesPerSecond, stepMs }) {
  return `${network.padEnd(20)} ${samplesPerSecond.toFixed(0).padStart(6)} samples/s  ${stepMs.toFixed(1).padStart(7)} ms a step`;
}

async function measure(cables) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-hosts-'));
  const sandbox = { folder, runs: join(folder, 'runs'), temporary: join(folder, 'tmp') };
  mkdirSync(sandbox.temporary);
  const hosts = cables && (await createHosts(names));
  const local = { address: '127.0.0.1' };
  const places = hosts?.host ?? { redis: local, coordinator: local, one: local, two: local };
  try {
    if (hosts) for (const name of names) await places[name].cable(cables);
    const { url: redis } = await cluster.startClusterRedis(sandbox, places.redis, 6391);
    const addresses = { redis, coordinator: places.coordinator, grpcPort: 5051, httpPort: 8091 };
    const run = cluster.startClusterCoordinator(sandbox, addresses, [
      ...['--steps', values.steps, '--batch', values.batch, '--shard-size', values['shard-size']],
      ...['--data', values.data, '--min-workers', '2', '--heartbeat-timeout', '10000'],
      ...['--eval-every', '1000000'],
    ]);
    for (const name of ['one', 'two']) {
      cluster.startClusterWorker(sandbox, addresses, places[name], [
        ...['--id', name, '--threads', '1', '--device', 'cpu', '--data', values.data],
      ]);
    }
    return await timed(run);
  } finally {
    for (const { pid } of processesOf(folder)) kill(pid);
    await until('its processes have ended', () => processesOf(folder).length === 0);
    hosts?.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed(run) {
  await run.event('step', ({ step }) => step === warmup, 300_000);
  const began = performance.now();
  await run.event('step', ({ step }) => step === steps, 600_000);
  const stepMs = (performance.now() - began) / (steps - warmup);
  const { weightsSha256 } = await run.event('run-finished', undefined, 600_000);
  return { stepMs, samplesPerSecond: (Number(values.batch) * 1000) / stepMs, weightsSha256 };
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}
