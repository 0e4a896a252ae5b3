import { setMaxListeners } from 'node:events';
import { startWorker, systemPorts, type WorkerOptions } from '@lockstep/worker';
import { fromParent } from '../../apps/cli/src/bench/bench-child.js';
import { createSimulatedEngine, type SimulatedMachine } from './simulated-engine.js';

/** The first message to a process of simulated workers. */
export interface SimulatedOrder extends SimulatedMachine {
  readonly coordinator: string;
  readonly redis: string;
  readonly ids: readonly string[];
  readonly patienceMs: number;
}

const { coordinator, redis, ids, patienceMs, ...simulated } = await fromParent<SimulatedOrder>();
// All of them listen to one abort signal of this process.
setMaxListeners(0);
for (const id of ids) {
  const options: WorkerOptions = {
    ...{ addresses: { coordinator, redis }, id, patienceMs },
    // As if on another machine: the coordinator adopts the states of workers on its own.
    host: 'simulated',
    onEvent: (event) => {
      if (event.what === 'warning' || event.what === 'disconnected') {
        process.stderr.write(`${id}: ${event.reason}\n`);
      }
    },
  };
  const ports = {
    ...systemPorts(options),
    startEngine: () => Promise.resolve(createSimulatedEngine(simulated)),
  };
  startWorker(options, ports).outcome.catch((error: unknown) =>
    process.stderr.write(`${id}: ${String(error)}\n`),
  );
}
