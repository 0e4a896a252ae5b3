import { fromParent, toParent } from './bench-child.js';
import { serveBare, type BareLoad } from './bare-grpc.js';

const load = await fromParent<BareLoad>();
toParent({ port: await serveBare(load) });
