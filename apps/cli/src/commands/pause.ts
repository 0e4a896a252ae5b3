import { controlText } from '../remote/control-text.js';
import { remoteCommand } from '../remote/remote-command.js';

export const pause = remoteCommand({
  name: 'pause',
  describe: 'pause a run after its current step',
  ask: () => (coordinator) => coordinator.pause(),
  say: (answer) => controlText(answer, 'paused already'),
});
