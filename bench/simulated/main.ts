import { parseArgs } from 'node:util';
import { z } from 'zod';
import { machineText } from '../../apps/cli/src/bench/bench-text.js';
import { describeMachine } from '../../apps/cli/src/bench/machine.js';
import { measureScaling, measureSizes, type ScalingPoint } from './scaling.js';
import { scalingText } from './scaling-text.js';

/** Numbers separated by commas. */
const numbers = z
  .string()
  .transform((list) => z.array(z.coerce.number().positive()).parse(list.split(',')));
const number = z.coerce.number().positive();

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'scaling' },
    rounds: { type: 'string', default: '5' },
    counts: { type: 'string', default: '1,2,4,8,16,32,64' },
    shards: { type: 'string', default: '25,100,400' },
    millions: { type: 'string', default: '0.1,1,10,100' },
    'per-step': { type: 'string', default: '1,4,16,64' },
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '4' },
    data: { type: 'string', default: 'mnist' },
    model: { type: 'string', default: 'mnist-cnn' },
    program: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const { part, json, ...given } = z
  .object({
    part: z.enum(['scaling', 'sizes']),
    rounds: number,
    counts: numbers,
    shards: numbers,
    millions: numbers,
    'per-step': numbers,
    rate: number,
    seconds: number,
    data: z.string(),
    model: z.string(),
    program: z.string(),
    json: z.boolean(),
  })
  .parse(values);
const { rounds, rate, seconds, data, model, program } = given;
const settings = {
  ...{ rounds, rate, seconds, data, model, program },
  workerCounts: given.counts,
  shardSizes: given.shards,
  modelSizes: given.millions,
  shardCounts: given['per-step'],
};
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const show = (result: object, text: string): void =>
  void process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text}\n\n`);

const machine = describeMachine();
show({ machine, settings }, machineText(machine));
const measure = part === 'scaling' ? measureScaling : measureSizes;
const points: readonly ScalingPoint[] = await measure(settings, tell);
show({ [part]: points }, scalingText(points));
