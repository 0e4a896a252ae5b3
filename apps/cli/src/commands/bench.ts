import { loadDataSet } from '@lockstep/data';
import { measureSpeed } from '../bench/speed.js';
import { machineText, speedText } from '../bench/bench-text.js';
import { describeMachine } from '../bench/machine.js';
import { defineCommand } from '../command.js';
import { benchOptions } from '../options/bench-options.js';
import { jsonOption, runOptions } from '../options/run-options.js';

/** Options of a run that a benchmark uses unchanged. */
const { threads, wire, data, model } = runOptions;

export const bench = defineCommand({
  name: 'bench',
  describe: 'measure how fast this machine trains, and where the time goes',
  options: { ...benchOptions, data, model, threads, wire, ...jsonOption },
  run: async ({ options: { part, json, ...settings } }) => {
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    const show = (result: object, text: string): void =>
      void process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text}\n\n`);
    const machine = describeMachine();
    await loadDataSet(settings.data); // before any output, as other bad input is refused
    show({ machine, settings }, machineText(machine));
    const speed = await measureSpeed(settings, new Set(part), tell);
    show({ speed }, speedText(speed));
    return 0;
  },
});
