import { fromParent, toParent } from '../../apps/cli/src/bench/bench-child.js';
import { runBarePeers, serveBare, type BareOrder } from './bare-grpc.js';

const WARMUP_ROUNDS = 20;

const order = await fromParent<BareOrder>();
if (order.role === 'server') toParent({ port: await serveBare(order.load) });
else {
  const { load, port } = order;
  const begin = fromParent<object>();
  // Compiling the code is not part of the measurement.
  await runBarePeers({ ...load, rounds: WARMUP_ROUNDS }, port);
  toParent({ warm: true });
  await begin;
  await runBarePeers(load, port);
  toParent({ done: true });
}
