import { startBenchChild, type BenchChild } from './bench-child.js';
import type { BareLoad } from './bare-grpc.js';
import { loadOf } from './process-load.js';

/** Measures a server that only moves bytes. @returns its CPU for each upload, and its share of downloads */
export async function measureBare(load: BareLoad): Promise<{ cpuMsPerShard: number }> {
  const server = startBenchChild('bare-server-child', load);
  let peers: BenchChild | undefined;
  try {
    const { port } = await server.next<{ port: number }>();
    peers = startBenchChild('bare-peers-child', { ...load, port });
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
