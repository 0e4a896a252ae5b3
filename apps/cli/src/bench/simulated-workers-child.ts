import { setMaxListeners } from 'node:events';
import { startWorker } from '@lockstep/worker';
import { fromParent } from './bench-child.js';
import { createSimulatedEngine } from './simulated-engine.js';

/** What a process of simulated workers is told. */
export interface SimulatedOrder {
  readonly coordinator: string;
  readonly redis: string;
  readonly ids: readonly string[];
  readonly samplesPerSecond: number;
  /** Steps that take no pause, until the coordinator's code is warm. */
  readonly hurried: number;
  /** The coordinator's, as no numerics are there to be probed. */
  readonly fingerprint: string;
  readonly patienceMs: number;
}

const { coordinator, redis, ids, patienceMs, ...simulated } = await fromParent<SimulatedOrder>();
// One abort signal of this process is listened to by all of them.
setMaxListeners(0);
for (const id of ids) {
  startWorker({
    ...{ addresses: { coordinator, redis }, id, patienceMs },
    // From elsewhere: of workers on its own machine the coordinator takes states over.
    host: 'simulated',
    startEngine: () => Promise.resolve(createSimulatedEngine(simulated)),
    onEvent: (event) => {
      if (event.what === 'trouble' || event.what === 'disconnected') {
        process.stderr.write(`${id}: ${event.reason}\n`);
      }
    },
  }).outcome.catch((error: unknown) => process.stderr.write(`${id}: ${String(error)}\n`));
}
