import { pino } from 'pino';
import { expect, it } from 'vitest';
import { LimitedLog } from './limited-log.js';

it('limits the lines of each kind, and counts those that were left out', () => {
  const written: string[] = [];
  const write = (line: string): void => void written.push(line);
  let now = 0;
  const log = new LimitedLog(pino({ base: null, timestamp: false }, { write }), () => now);
  for (let n = 1; n <= 1_000; n++) log.write('warn', 'late', { n }, 'contributed');
  log.write('error', 'other', { n: 0 }, 'defect');
  expect(written).toHaveLength(101);
  now = 1_000;
  log.write('warn', 'late', { n: 1_001 }, 'contributed');
  const warning = pino.levels.values['warn'];
  const last = { level: warning, n: 1_001, omitted: 900, msg: 'contributed' };
  expect(JSON.parse(written.at(-1) ?? '')).toEqual(last);
});
