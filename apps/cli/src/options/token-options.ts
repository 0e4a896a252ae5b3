import { parseDuration } from '@lockstep/security';
import { z } from 'zod';
import type { OptionEntry } from './option-entry.js';
import { text } from './schemas.js';

const duration = z.string('must be a text').transform((written, context) => {
  const ms = parseDuration(written);
  if (ms === undefined) {
    const message = 'must be a number and s, m, h or d, for example 30d, and at most 3650d';
    context.addIssue({ code: 'custom', message, input: written });
  }
  return ms ?? 0;
});

/** What `lockstep token` needs. */
export const tokenOptions: readonly OptionEntry[] = [
  {
    flag: 'tokens',
    value: 'FILE',
    describe: 'the coordinator’s file of join tokens; it holds their hashes alone',
    schema: text,
    default: 'join-tokens.json',
  },
  { flag: 'name', value: 'NAME', describe: 'whom a new token is for', schema: text },
  {
    flag: 'expires',
    value: 'TIME',
    describe: 'how long a new token is good: 40s, 15m, 12h or 30d',
    schema: duration,
    defaultText: '30d',
  },
].map((entry): OptionEntry => ({ ...entry, typedOnly: true }));
