import { z } from 'zod';
import { moment, ms, whole } from '../server/schemas.js';

export const queueReport = z.object({
  redis: z.object({
    up: z.boolean(),
    latencyMs: ms.nullable().meta({ description: 'one round trip' }),
    reason: z.string().nullable().meta({ description: 'why Redis is not reachable' }),
  }),
  jobs: z
    .object({
      waiting: whole.meta({ description: 'not yet taken by a worker' }),
      active: whole.meta({ description: 'taken by a worker, or lost with it' }),
      delayed: whole.meta({ description: 'returned by a worker a moment ago' }),
      failed: whole.meta({ description: 'failed in a worker; issued again' }),
    })
    .nullable()
    .meta({ description: 'null while Redis does not respond' }),
  reissued: whole.meta({ description: 'shards issued again since the run began' }),
  lastReissues: z
    .array(z.object({ step: whole, index: whole, attempt: whole, reason: z.string(), at: moment }))
    .meta({ description: 'newest first' }),
  board: z.string().meta({ description: 'the path of the queue inspector' }),
});

export const alarm = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string().meta({ description: 'what to do about it' }),
  at: moment,
  active: z.boolean().meta({ description: 'false once the cause is resolved' }),
});

export const alarmsReport = z.object({
  alarms: z.array(alarm).meta({ description: 'active ones first, then newest first' }),
});

export type QueueReport = z.infer<typeof queueReport>;
export type Alarm = z.infer<typeof alarm>;
