import { benchSettings, defaultParts, type PartName } from '../bench/bench-settings.js';
import { machineText, scalingText, speedText } from '../bench/bench-text.js';
import { describeMachine } from '../bench/machine.js';
import { measureScaling } from '../bench/scaling.js';
import { measureSizes } from '../bench/sizes.js';
import { measureSpeed } from '../bench/speed.js';
import type { CommandDefinition } from '../command.js';
import { benchOptions } from '../options/bench-options.js';
import { refuseUnused, type UnusedOption } from '../options/refuse-unused.js';
import { jsonOption, runOptions } from '../options/option-table.js';

/** Of a run's options those that a benchmark takes as they are. */
const shared = runOptions.filter(({ flag }) => ['threads', 'wire', 'data', 'model'].includes(flag));

/** Options of simulated runs, and the parts that they belong to. */
const ofParts: Readonly<Record<string, readonly PartName[]>> = {
  counts: ['scaling'],
  shards: ['scaling'],
  millions: ['sizes'],
  'per-step': ['sizes'],
  rate: ['scaling', 'sizes'],
  seconds: ['scaling', 'sizes'],
};

function unusedWithout(parts: ReadonlySet<PartName>): readonly UnusedOption[] {
  return Object.entries(ofParts)
    .filter(([, of]) => !of.some((part) => parts.has(part)))
    .map(([flag, of]) => ({ flag, because: `it is for --part ${of.join(' or ')}` }));
}

export const bench: CommandDefinition = {
  name: 'bench',
  describe: 'measure how fast this machine trains, and where the time goes',
  options: [...benchOptions, ...shared, jsonOption],
  run: async (options, _words, origins) => {
    const json = options['json'] === true;
    const settings = benchSettings(options);
    const parts = new Set((options['part'] as PartName[] | undefined) ?? defaultParts);
    refuseUnused(origins, unusedWithout(parts));
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    const show = (result: object, text: string): void =>
      void process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text}\n\n`);

    const machine = describeMachine();
    show({ machine, settings }, machineText(machine));
    const real = new Set([...parts].filter((part) => part !== 'scaling' && part !== 'sizes'));
    if (real.size > 0) {
      const speed = await measureSpeed(settings, real, tell);
      show({ speed }, speedText(speed));
    }
    if (parts.has('scaling')) {
      const scaling = await measureScaling(settings, tell);
      show({ scaling }, scalingText(scaling));
    }
    if (parts.has('sizes')) {
      const sizes = await measureSizes(settings, tell);
      show({ sizes }, scalingText(sizes));
    }
    return 0;
  },
};
