/** What writes a run's folder. */
export { openEventLog, type EventLog } from './event-log.js';
export { openLedger } from './store/ledger.js';
export {
  createRunFolder,
  openRunFolder,
  type RunFolder,
  type RunRecord,
} from './store/run-folder.js';
