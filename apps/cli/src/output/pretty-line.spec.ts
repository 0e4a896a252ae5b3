import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { prettyLine } from './pretty-line.js';

const pretty = (entry: object): string =>
  stripVTControlCharacters(prettyLine(`${JSON.stringify(entry)}\n`));

describe('a line of a log, for a person', () => {
  it('has the time, the level, what happened and its fields', () => {
    const entry = { level: 'warn', time: '2026-01-02T10:21:07.123Z', worker: 'w1', step: 3 };
    expect(pretty({ ...entry, reason: 'it lags behind', msg: 'late' })).toBe(
      '10:21:07 warn late worker=w1 step=3 reason="it lags behind"\n',
    );
  });

  it('has the stack of an error below it', () => {
    const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at x' };
    expect(pretty({ level: 'error', time: '2026-01-02T10:21:07.123Z', err, msg: 'defect' })).toBe(
      '10:21:07 error defect\nError: no\n    at x\n',
    );
  });

  it.each(['a warning of a library\n', '{"level":"torn', '{"event":"step"}\n'])(
    'leaves other lines unchanged: %j',
    (line) => {
      expect(prettyLine(line)).toBe(line);
    },
  );
});
