import { controlText } from '../remote/control-text.js';
import { remoteCommand } from '../remote/remote-command.js';

export const resume = remoteCommand({
  name: 'resume',
  describe: 'go on with a run that is paused',
  ask: () => (coordinator) => coordinator.resume(),
  say: (answer) => controlText(answer, 'not paused'),
});
