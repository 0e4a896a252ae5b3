import { z } from 'zod';
import { moment, ms, whole, wholeText } from '../server/schemas.js';

export const checkpointRow = z.object({
  version: whole,
  bytes: whole,
  at: moment,
  milliseconds: ms.meta({ description: 'how long saving took' }),
  kept: z.boolean().meta({ description: 'whether its file still exists' }),
});

export const checkpointsReport = z.object({ checkpoints: z.array(checkpointRow) });

export const checkpointAddress = z.strictObject({ version: wholeText });

/** A file, sent unchanged. */
export const bytes = {
  description: 'the file',
  content: {
    'application/octet-stream': { schema: z.unknown().meta({ type: 'string', format: 'binary' }) },
  },
};

export type CheckpointRow = z.infer<typeof checkpointRow>;
