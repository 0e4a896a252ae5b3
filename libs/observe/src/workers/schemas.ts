import { z } from 'zod';
import { moment, ms, share, whole, wholeText } from '../server/schemas.js';

export const workerRow = z.object({
  id: z.string(),
  host: z.string(),
  pid: whole,
  backend: z.string(),
  state: z
    .enum(['joining', 'ready', 'quarantined', 'lost', 'left', 'refused'])
    .meta({ description: 'one that has left keeps its row for a while' }),
  reason: z.string().nullable().meta({ description: 'why it has left or was refused' }),
  draining: z.boolean().meta({ description: 'whether it has been asked to leave' }),
  joinedAt: moment,
  lastSeenAt: moment,
  heartbeatAgeMs: ms,
  version: whole.nullable(),
  shard: z.object({ step: whole, index: whole, attempt: whole }).nullable(),
  samplesPerSecond: z
    .number()
    .meta({ description: 'of counted contributions, over the last five seconds' }),
  shardMs: ms.nullable().meta({ description: 'median time to compute one of its last shards' }),
  straggling: z.boolean().meta({
    description:
      'whether its shard is long overdue, or its shards take twice as long as those of others',
  }),
  countedShards: whole,
  countedSamples: whole,
  share: share.meta({
    description: 'its part of the samples counted while it belonged to the run',
  }),
  reissues: whole.meta({
    description: 'shards it had taken that were issued to another worker as well',
  }),
  refusals: z
    .record(z.string(), whole)
    .meta({ description: 'contributions that did not count, by verdict' }),
  rssBytes: z.number().nullable(),
  tensorCount: whole.nullable(),
  cpuSeconds: z.number().nullable(),
  cores: z.number().nullable().meta({ description: 'processor cores in use' }),
});

export const workersReport = z.object({
  workers: z.array(workerRow),
  usefulWorkers: whole,
});

export const workerAddress = z.strictObject({ id: z.string().min(1).max(200) });

export const drainAnswer = z.object({
  id: z.string(),
  changed: z.boolean().meta({ description: 'false where it was asked before' }),
});

export const MOST_LINES = 500;

export const logQuery = z.strictObject({
  lines: wholeText.min(1).max(MOST_LINES).default(100),
});

export const logReport = z.object({
  id: z.string(),
  lines: z.array(
    z.object({
      number: whole.meta({ description: 'counts the lines of this worker process, from 1' }),
      at: moment,
      level: z.enum(['info', 'warn']),
      text: z.string(),
    }),
  ),
});

export type WorkerRow = z.infer<typeof workerRow>;
export type WorkersReport = z.infer<typeof workersReport>;
export type DrainAnswer = z.infer<typeof drainAnswer>;
export type LogReport = z.infer<typeof logReport>;
