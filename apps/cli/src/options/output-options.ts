import type { OptionEntry } from './option-entry.js';
import { onOff, oneOf } from './schemas.js';

export const jsonOption = {
  flag: 'json',
  describe: 'one JSON object a line on stdout',
  schema: onOff,
  default: false,
} as const satisfies OptionEntry;

export const logLevelOption = {
  flag: 'log-level',
  value: 'LEVEL',
  describe: 'what the log on stderr holds: debug, info, warn or error',
  schema: oneOf('debug', 'info', 'warn', 'error'),
  defaultText: 'info; warn for train, and for a coordinator on a terminal',
} as const satisfies OptionEntry;
