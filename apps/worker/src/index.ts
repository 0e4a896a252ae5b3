export { isDetail, isTrouble } from './log-tail.js';
export { startWorker, type RunningWorker, type WorkerEnd } from './worker.js';
export type { JoinToken, RunAddresses, WorkerEvent, WorkerOptions } from './worker-options.js';
