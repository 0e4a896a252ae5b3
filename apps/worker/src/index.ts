export { startWorker, type RunningWorker } from './worker.js';
export type { WorkerEvent, WorkerOptions } from './worker-options.js';
