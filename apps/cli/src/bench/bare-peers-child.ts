import { fromParent, toParent } from './bench-child.js';
import { runBarePeers, type BareLoad } from './bare-grpc.js';

const WARMUP_ROUNDS = 20;

const { port, ...load } = await fromParent<BareLoad & { readonly port: number }>();
const begin = fromParent<object>();
// Compiling the code is no part of the measurement.
await runBarePeers({ ...load, rounds: WARMUP_ROUNDS }, port);
toParent({ warm: true });
await begin;
await runBarePeers(load, port);
toParent({ done: true });
