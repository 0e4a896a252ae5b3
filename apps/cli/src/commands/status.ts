import { remoteCommand } from '../remote/remote-command.js';
import { statusText } from '../remote/status-text.js';

export const status = remoteCommand({
  name: 'status',
  describe: 'show the state of a run and its workers',
  ask: () => async (coordinator) => {
    const [run, { workers }] = await Promise.all([coordinator.run(), coordinator.workers()]);
    return { ...run, http: coordinator.url, workerCounts: run.workers, workers };
  },
  say: statusText,
});
