import { controlText } from '../remote/control-text.js';
import { remoteCommand } from '../remote/remote-command.js';

export const pause = remoteCommand({
  name: 'pause',
  describe: 'finish the open step of a run and wait',
  ask: () => (coordinator) => coordinator.pause(),
  say: (answer) => controlText(answer, 'paused already'),
});
