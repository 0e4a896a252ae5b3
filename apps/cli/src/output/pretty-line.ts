import { errColours as pc } from './colours.js';

const COLOURS: Readonly<Record<string, (text: string) => string>> = {
  debug: pc.dim,
  info: pc.green,
  warn: pc.yellow,
  error: pc.red,
};

/**
 * A line of a log, formatted for a terminal: `10:21:07 warn warning  worker=w1 reason="…"`, and the stack
 * of an error below it. What is no line of a log stays as it is.
 *
 * @param line one JSON object, with or without the line's end
 */
export function prettyLine(line: string): string {
  const entry = entryIn(line);
  if (!entry) return line;
  const { level, time, msg = '', err, ...fields } = entry;
  const word = String(level);
  const head = [
    pc.dim(String(time).slice(11, 19)),
    (COLOURS[word] ?? String)(word),
    String(msg),
    ...Object.entries(fields).map(([name, value]) => pc.dim(`${name}=${shown(value)}`)),
  ].join(' ');
  const stack = err === undefined ? '' : `${stackOf(err)}\n`;
  return `${head}\n${stack}`;
}

function entryIn(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{"level":"')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}

function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return JSON.stringify(error);
  const { stack } = error as { stack?: unknown };
  return typeof stack === 'string' ? stack : JSON.stringify(error);
}
