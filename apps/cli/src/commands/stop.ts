import { controlText } from '../remote/control-text.js';
import { remoteCommand } from '../remote/remote-command.js';

export const stop = remoteCommand({
  name: 'stop',
  describe: 'save a run and end it; returns once that is done',
  ask: () => (coordinator) => coordinator.stop(),
  say: (answer) => controlText(answer, 'being stopped already'),
});
