import { controlText } from '../remote/control-text.js';
import { remoteCommand } from '../remote/remote-command.js';

export const resume = remoteCommand({
  name: 'resume',
  describe: 'resume a paused run',
  ask: () => (coordinator) => coordinator.resume(),
  say: (answer) => controlText(answer, 'not paused'),
});
