import { z } from 'zod';
import { defaultParts, partNames, series } from '../bench/bench-settings.js';
import type { OptionEntry } from './option-entry.js';
import { fraction, positive, someOf, whole } from './schemas.js';

/** Numbers with commas between them. */
const numbers = (each: z.ZodType): z.ZodType =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',') : value),
    z.array(each, 'must be numbers with commas between them'),
  );

const list = (flag: string, describe: string, values: readonly number[], each = whole(1)) => ({
  ...{ flag, value: 'N,…', describe, schema: numbers(each), defaultText: values.join(',') },
});

/** What `lockstep bench` measures, and how long. */
export const benchOptions = [
  {
    flag: 'part',
    value: 'PART,…',
    describe: `what to measure: ${partNames.join(', ')}`,
    schema: someOf(partNames),
    defaultText: defaultParts.join(','),
  },
  {
    flag: 'rounds',
    value: 'N',
    describe: 'how often; what is compared takes turns within a round',
    schema: whole(1),
    default: 5,
  },
  {
    flag: 'steps',
    value: 'N',
    describe: 'steps measured in a round',
    schema: whole(1),
    default: 100,
  },
  {
    flag: 'warmup',
    value: 'N',
    describe: 'steps before them that are not measured',
    schema: whole(1),
    default: 20,
  },
  { flag: 'workers', value: 'N', describe: 'worker processes', schema: whole(1), default: 2 },
  {
    flag: 'batch',
    value: 'N',
    describe: 'samples per step, in one shard for each worker',
    schema: whole(1),
    default: 100,
  },
  { flag: 'momentum', value: 'X', describe: 'momentum of SGD', schema: fraction, default: 0.9 },
  list('counts', 'numbers of workers that --part scaling tries', series.counts),
  list('shards', 'shard sizes that --part scaling tries', series.shards),
  list('millions', 'millions of parameters that --part sizes tries', series.millions, positive),
  list('per-step', 'shards a step that --part sizes tries', series.perStep),
  {
    flag: 'rate',
    value: 'X',
    describe: 'samples a second of a simulated worker',
    schema: positive,
    default: 500,
  },
  {
    flag: 'seconds',
    value: 'X',
    describe: 'most seconds that one simulated run is measured for',
    schema: positive,
    default: 4,
  },
] as const satisfies readonly OptionEntry[];
