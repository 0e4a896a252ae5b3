import { z } from 'zod';
import { moment, ms, whole } from '../schemas.js';

export const queueReport = z.object({
  redis: z.object({
    up: z.boolean(),
    latencyMs: ms.nullable().meta({ description: 'one round trip' }),
    reason: z.string().nullable().meta({ description: 'why it is not up' }),
  }),
  jobs: z
    .object({
      waiting: whole.meta({ description: 'for a worker' }),
      active: whole.meta({ description: 'in a worker’s hands, or lost with it' }),
      delayed: whole.meta({ description: 'given back a moment ago' }),
      failed: whole.meta({ description: 'whose worker threw; handed out again' }),
    })
    .nullable()
    .meta({ description: 'null while Redis does not answer' }),
  reissued: whole.meta({ description: 'shards handed out again since the run began' }),
  lastReissues: z
    .array(z.object({ step: whole, index: whole, attempt: whole, reason: z.string(), at: moment }))
    .meta({ description: 'the newest first' }),
  board: z.string().meta({ description: 'where the queue can be looked into' }),
});

export const alarm = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string().meta({ description: 'what to do about it' }),
  at: moment,
  active: z.boolean().meta({ description: 'false once it is over' }),
});

export const alarmsReport = z.object({
  alarms: z.array(alarm).meta({ description: 'active ones first, then the newest first' }),
});

export type QueueReport = z.infer<typeof queueReport>;
export type Alarm = z.infer<typeof alarm>;
