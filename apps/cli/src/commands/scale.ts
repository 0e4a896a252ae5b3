import { LockstepError } from '@lockstep/core';
import { outColours as pc } from '../output/colours.js';
import { remoteCommand } from '../remote/remote-command.js';

export const scale = remoteCommand({
  name: 'scale',
  describe: 'start or drain workers of a run until there are N',
  positional: [{ syntax: '<n>', describe: 'how many workers' }],
  ask: ([text = '']) => {
    const workers = wholeNumber(text);
    return (coordinator) => coordinator.scale(workers);
  },
  say: ({ wanted, useful, ready }) => {
    const head = `${pc.bold(String(wanted))} ${wanted === 1 ? 'worker' : 'workers'} wanted, ${ready} ready now`;
    return wanted > useful
      ? `${head}\n  ${pc.yellow(`at most ${useful} can help: a step has ${useful} shards`)}`
      : `${head}, at most ${useful} can help`;
  },
});

function wholeNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new LockstepError('bad-option', `scale takes a whole number of workers, not ${text}`, {
    remedy: 'for example `lockstep scale 4`',
  });
}
