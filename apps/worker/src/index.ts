export { isDetail, isTrouble } from './log-tail.js';
export { systemPorts } from './ports.js';
export { startWorker, type Worker, type WorkerEnd } from './worker.js';
export type { JoinToken, RunAddresses, WorkerEvent, WorkerOptions } from './worker-options.js';
export type { ProcessUsage, QueueOptions, WorkerPorts, WorkerProcess } from './ports.js';
