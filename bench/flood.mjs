#!/usr/bin/env node
// Floods a run's ports with silent connections while it trains, and reports what that costs: steps per
// second with and without the flood, in turn, the latency of requests on new connections, descriptors
// before and after, and the time that SIGTERM takes under the flood. The flooders share the machine's cores
// with the run, so a control measures what they take alone: the same flood of a bare server, which closes
// each connection at once.
//
//   node bench/flood.mjs
//   node bench/flood.mjs --connections 2000 --seconds 20 --rounds 1
//   node bench/flood.mjs --cli OTHER/apps/cli/dist/main.js        # another build
//
// The connections are held by processes of their own, each with as many as `ulimit -n` permits.
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { constants, setPriority, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    cli: { type: 'string', default: join(root, 'apps', 'cli', 'dist', 'main.js') },
    connections: { type: 'string', default: '20000' }, // to each port
    seconds: { type: 'string', default: '60' }, // of the flood
    rounds: { type: 'string', default: '1' },
    reopen: { type: 'string', default: '60' }, // seconds until a closed connection is opened again
    hold: { type: 'string' }, // internal: ADDRESS, in a process that holds connections
    bare: { type: 'boolean', default: false }, // internal: a process with two bare servers
  },
});
const reopenMs = 1000 * Number(values.reopen);

/** Holds connections to one address, in a process of its own. */
function hold(address, count) {
  setPriority(constants.priority.PRIORITY_LOW);
  const [host, port] = address.split(':');
  const open = () => {
    const socket = connect(Number(port), host);
    socket.on('error', () => undefined).resume();
    socket.once('close', () => setTimeout(open, reopenMs * (0.5 + Math.random())));
  };
  let opened = 0;
  const begin = setInterval(() => {
    for (let n = 0; n < 100 && opened < count; n++, opened++) open();
    if (opened >= count) clearInterval(begin);
  }, 20);
  process.on('disconnect', () => process.exit(0));
}

/** Two servers that close every connection at once, in a process of its own. */
function serveBare() {
  setPriority(constants.priority.PRIORITY_LOW);
  const servers = [1, 2].map(() => createServer((socket) => socket.destroy()));
  const listening = servers.map(
    (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)),
  );
  void Promise.all(listening).then(() =>
    process.send(servers.map((server) => `127.0.0.1:${server.address().port}`)),
  );
  process.on('disconnect', () => process.exit(0));
}

/** Floods bare servers; returns a function that ends that. */
async function floodBare() {
  const server = fork(fileURLToPath(import.meta.url), ['--bare']);
  const addresses = await new Promise((resolve) => server.once('message', resolve));
  const end = flood(addresses);
  return () => {
    end();
    server.kill('SIGKILL');
  };
}

const MOST_OF_A_PROCESS = 10_000;

/** @returns a function that closes all connections */
function flood(addresses) {
  const holders = addresses.flatMap((address) => {
    const holders = Math.ceil(Number(values.connections) / MOST_OF_A_PROCESS);
    const count = Math.floor(Number(values.connections) / holders);
    return Array.from({ length: holders }, () =>
      fork(fileURLToPath(import.meta.url), [
        ...['--hold', address, '--connections', String(count), '--reopen', values.reopen],
      ]),
    );
  });
  return () => holders.forEach((each) => each.kill('SIGKILL'));
}

/** A training, its steps counted as they come. */
function train(out) {
  const args = ['--steps', '1000000', '--workers', '2', '--batch', '100', '--shard-size', '25'];
  const rest = ['--eval-every', '1000000', '--on-alarm', 'continue', '--http', '127.0.0.1:0'];
  const child = spawn(
    process.execPath,
    [values.cli, 'train', ...args, ...rest, '--out', out, '--json'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const run = { steps: 0, child, over: false, states: [], ended: undefined };
  run.ended = new Promise((resolve) =>
    child.once('close', (code) => {
      run.over = true;
      resolve(code);
    }),
  );
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line);
    if (event.event === 'step') run.steps += 1;
    if (event.event === 'listening') run.listening = event;
    if (event.event === 'run-started') run.folder = event.folder;
    if (event.event === 'state' || event.event === 'alarm') run.states.push(event);
    if (event.event === 'worker' && event.state !== 'joined') run.states.push(event);
  });
  return run;
}

async function milliseconds(work) {
  const began = performance.now();
  const fault = await work().then(
    () => undefined,
    (error) => String(error.message ?? error),
  );
  return { ms: Math.round(performance.now() - began), ...(fault && { fault }) };
}

/** Times requests on new connections until `signal` is aborted. */
async function timeRequests({ grpc, http }, signal) {
  const { createProtocolClient } = await import(join(root, 'libs', 'protocol', 'dist', 'index.js'));
  const found = { http: [], rpc: [] };
  while (!signal.aborted) {
    found.http.push(
      await milliseconds(() =>
        fetch(`${http}/api/run`, {
          headers: { connection: 'close' },
          signal: AbortSignal.timeout(10_000),
        }).then((response) => response.text()),
      ),
    );
    const client = createProtocolClient({ address: grpc, maxPayloadBytes: 1_000_000 });
    found.rpc.push(await milliseconds(() => client.describe()));
    client.close();
    await delay(200);
  }
  return found;
}

const latencies = (list) => {
  const sorted = list.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const faults = list.filter(({ fault }) => fault);
  return {
    count: list.length,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    faults: faults.length,
    first: faults[0]?.fault,
  };
};

const filesOf = (pid) => {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
};

/** Steps per second while requests are timed. */
async function measure(run, seconds, pid) {
  const [began, steps] = [performance.now(), run.steps];
  const ending = AbortSignal.timeout(1000 * seconds);
  const timing = timeRequests(run.listening, ending);
  let files = 0;
  while (!ending.aborted && !run.over) {
    files = Math.max(files, filesOf(pid) ?? 0);
    await delay(200);
  }
  const rate = (1000 * (run.steps - steps)) / (performance.now() - began);
  const { http, rpc } = await timing;
  return {
    stepsPerSecond: Math.round(100 * rate) / 100,
    mostFiles: files,
    http: latencies(http),
    rpc: latencies(rpc),
  };
}

const say = (what, value) => process.stdout.write(`${what} ${JSON.stringify(value)}\n`);

/** Measures before, during and after a flood, and beside a flood of a server that does nothing. */
async function measureRound(run, addresses, pid) {
  const seconds = Number(values.seconds);
  const before = await measure(run, seconds / 2, pid);
  const end = flood(addresses);
  const flooded = await measure(run, seconds, pid);
  end();
  await delay(2_000);
  const after = await measure(run, seconds / 2, pid);
  const endBare = await floodBare();
  const control = await measure(run, seconds, pid);
  endBare();
  say('before', before);
  say('flooded', flooded);
  say('after', after);
  say('control', control);
  const usual = (before.stepsPerSecond + after.stepsPerSecond) / 2;
  const ratio = (to) => Math.round((1000 * flooded.stepsPerSecond) / to) / 1000;
  say('ratio', { toUnflooded: ratio(usual), toControl: ratio(control.stepsPerSecond) });
}

async function main() {
  const out = mkdtempSync(join(tmpdir(), 'lockstep-flood-'));
  const run = train(out);
  try {
    while (run.steps < 30 && !run.over) await delay(200);
    const { grpc, http } = run.listening;
    const addresses = [grpc, new URL(http).host];
    const { pid } = JSON.parse(readFileSync(join(run.folder, 'address.json'), 'utf8'));
    say('files before', filesOf(pid));
    for (let round = 0; round < Number(values.rounds) && !run.over; round++) {
      await measureRound(run, addresses, pid);
    }
    await delay(12_000);
    say('files after', filesOf(pid));
    const end = flood(addresses);
    await delay(10_000);
    const asked = performance.now();
    run.child.kill('SIGTERM');
    const code = await Promise.race([run.ended, delay(60_000, 'still running after 60 s')]);
    say('SIGTERM under the flood', { code, ms: Math.round(performance.now() - asked) });
    end();
    say('states', run.states.slice(-10));
  } finally {
    run.child.kill('SIGKILL');
    rmSync(out, { recursive: true, force: true });
  }
}

if (values.hold !== undefined) hold(values.hold, Number(values.connections));
else if (values.bare) serveBare();
else await main();
