import { LockstepError } from '@lockstep/core';
import { outColours as pc } from '../output/colours.js';
import { remoteCommand } from '../remote/remote-command.js';
import { controlText, statusText } from '../remote/status-text.js';

export const status = remoteCommand({
  name: 'status',
  describe: 'show the state of a run and its workers',
  ask: () => async (coordinator) => {
    const [run, { workers }] = await Promise.all([coordinator.run(), coordinator.workers()]);
    return { ...run, http: coordinator.url, workerCounts: run.workers, workers };
  },
  say: statusText,
});

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

export const pause = remoteCommand({
  name: 'pause',
  describe: 'pause a run after its current step',
  ask: () => (coordinator) => coordinator.pause(),
  say: (answer) => controlText(answer, 'paused already'),
});

export const resume = remoteCommand({
  name: 'resume',
  describe: 'resume a paused run',
  ask: () => (coordinator) => coordinator.resume(),
  say: (answer) => controlText(answer, 'not paused'),
});

export const stop = remoteCommand({
  name: 'stop',
  describe: 'save a run and end it; returns once that is done',
  ask: () => (coordinator) => coordinator.stop(),
  say: (answer) => controlText(answer, 'being stopped already'),
});
