import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { once } from 'node:events';
import { BenchChild } from '../../apps/cli/src/bench/bench-child.js';
import { loadOf } from './process-load.js';

/** What each of the peers moves in every round, up and then down. */
export interface BareLoad {
  readonly peers: number;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly rounds: number;
}

/** What a process of `bare-grpc-child` is started for. */
export type BareOrder =
  | { readonly role: 'server'; readonly load: BareLoad }
  | { readonly role: 'peers'; readonly load: BareLoad; readonly port: number };

const CHUNK_BYTES = 1024 * 1024;
const asIs = (part: Buffer): Buffer => part;
const method = { requestSerialize: asIs, requestDeserialize: asIs } as const;
const reply = { responseSerialize: asIs, responseDeserialize: asIs } as const;
const up = { path: '/bare/up', requestStream: true, responseStream: false, ...method, ...reply };
const down = {
  path: '/bare/down',
  requestStream: false,
  responseStream: true,
  ...method,
  ...reply,
};
const nothing = Buffer.alloc(0);

function chunksOf(bytes: number): Buffer[] {
  const sizes = Array.from({ length: Math.ceil(bytes / CHUNK_BYTES) }, (_, i) =>
    Math.min(CHUNK_BYTES, bytes - i * CHUNK_BYTES),
  );
  return sizes.map((size) => Buffer.alloc(size, 7));
}

/**
 * A server that discards what it receives: once every peer's bytes have arrived, it sends each peer its
 * own.
 *
 * @returns its port
 */
export async function serveBare(load: Pick<BareLoad, 'peers' | 'downBytes'>): Promise<number> {
  const server = new Server();
  const followers = new Set<ServerWritableStream<Buffer, Buffer>>();
  const update = chunksOf(load.downBytes);
  let arrived = 0;
  const arrive = (): void => {
    arrived += 1;
    if (arrived < load.peers) return;
    arrived = 0;
    for (const follower of followers) for (const chunk of update) follower.write(chunk);
  };
  server.addService(
    { up, down },
    {
      up: (call: ServerReadableStream<Buffer, Buffer>, respond: sendUnaryData<Buffer>) => {
        call.on('data', () => undefined);
        call.on('end', () => {
          respond(null, nothing);
          arrive();
        });
      },
      down: (call: ServerWritableStream<Buffer, Buffer>) => {
        followers.add(call);
        call.on('cancelled', () => followers.delete(call));
      },
    },
  );
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

/** Runs the peers: in every round, each sends its bytes and waits for its download. */
export async function runBarePeers(load: BareLoad, port: number): Promise<void> {
  const peers = Array.from({ length: load.peers }, () => {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      'grpc.enable_http_proxy': 0,
      'grpc.use_local_subchannel_pool': 1,
      'grpc-node.flow_control_window': 8 * CHUNK_BYTES,
    });
    return runPeer(client, load);
  });
  await Promise.all(peers);
}

async function runPeer(client: Client, { upBytes, downBytes, rounds }: BareLoad): Promise<void> {
  const updates = client.makeServerStreamRequest(down.path, asIs, asIs, nothing);
  updates.on('error', () => undefined);
  let missing = 0;
  let whole: () => void = () => undefined;
  updates.on('data', (part: Buffer) => {
    missing -= part.length;
    if (missing === 0) whole();
  });
  // The server must know every peer before the first round is over.
  await new Promise<void>((resolve) => client.waitForReady(Date.now() + 10_000, () => resolve()));
  const chunks = chunksOf(upBytes);
  for (let round = 0; round < rounds; round++) {
    missing += downBytes;
    const update = new Promise<void>((resolve) => (whole = resolve));
    await upload(client, chunks);
    await update;
  }
  updates.cancel();
  client.close();
}

async function upload(client: Client, chunks: readonly Buffer[]): Promise<void> {
  let replied: () => void = () => undefined;
  const reply = new Promise<void>((resolve) => (replied = resolve));
  const call = client.makeClientStreamRequest(up.path, asIs, asIs, () => replied());
  for (const chunk of chunks) if (!call.write(chunk)) await once(call, 'drain');
  call.end();
  await reply;
}

/**
 * Measures a server that only moves bytes.
 *
 * @returns its CPU time per upload, with its share of the downloads
 */
export async function measureBare(load: BareLoad): Promise<{ cpuMsPerShard: number }> {
  const start = (order: BareOrder): BenchChild => new BenchChild('bare-grpc-child', order);
  const server = start({ role: 'server', load });
  let peers: BenchChild | undefined;
  try {
    const { port } = await server.next<{ port: number }>();
    peers = start({ role: 'peers', load, port });
    await peers.next();
    const before = loadOf(server.pid);
    peers.send({ begin: true });
    await peers.next();
    const { cpuMs } = loadOf(server.pid);
    return { cpuMsPerShard: (cpuMs - before.cpuMs) / (load.rounds * load.peers) };
  } finally {
    await peers?.end();
    await server.end();
  }
}
