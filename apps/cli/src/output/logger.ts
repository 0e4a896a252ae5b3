import { redactSecrets } from '@lockstep/core';
import { pino, type Logger } from 'pino';
import { prettyLine } from './pretty-line.js';

/** Fields that no log shows, wherever they come from. */
const SECRET_FIELDS = ['authorization', 'cookie', 'joinToken', 'password', 'session', 'token'];

/**
 * A process's log on stderr, without secrets: formatted on a terminal, else one JSON object per line.
 *
 * @param base fields of every line
 */
export function createLogger(level: string, base: Readonly<Record<string, unknown>>): Logger {
  const { stderr } = process;
  const write = (line: string): void => {
    const shown = redactSecrets(line);
    stderr.write(stderr.isTTY ? prettyLine(shown) : shown);
  };
  return pino(
    {
      level,
      base,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
        censor: '***',
      },
    },
    { write },
  );
}
