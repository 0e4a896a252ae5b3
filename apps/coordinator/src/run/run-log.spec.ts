import type { ContributionHeader } from '@lockstep/protocol';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { RunLog } from './run-log.js';

/** A log of everything, and what it holds. */
function logged(): { log: RunLog; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const write = (line: string): void => void written.push(line);
  const logger = pino({ level: 'debug', base: null, timestamp: false }, { write });
  return {
    log: new RunLog(logger, { runId: 'run-1', term: 2 }),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const { debug, info, warn, error } = pino.levels.values;
const shard = { term: 2, step: 3, index: 1, attempt: 1, evaluation: false };
const header = { shard } as ContributionHeader;
const place = { run: 'run-1', term: 2, step: 3, shard: 1, attempt: 1 };

describe('the coordinator’s log', () => {
  it('follows a shard', () => {
    const { log, lines } = logged();
    const planned = { step: 3, index: 1, firstSample: 0, sampleCount: 5 };
    log.queued({ shard: planned, attempt: 1, reason: 'the step is open' });
    log.taken(shard, 'w1', 'granted');
    log.contributed(header, 'w1', 'counted', 'it is the first');
    log.contributed(header, 'w2', 'wrong-hash', 'damaged');
    expect(lines()).toEqual([
      { level: debug, ...place, reason: 'the step is open', msg: 'queued' },
      { level: debug, ...place, worker: 'w1', verdict: 'granted', msg: 'taken' },
      {
        ...{ level: debug, ...place, worker: 'w1', verdict: 'counted' },
        ...{ reason: 'it is the first', msg: 'contributed' },
      },
      {
        ...{ level: warn, ...place, worker: 'w2', verdict: 'wrong-hash' },
        ...{ reason: 'damaged', msg: 'contributed' },
      },
    ]);
  });

  it('tells events in its own words, the bad ones louder', () => {
    const { log, lines } = logged();
    const worker = { event: 'worker', id: 'w1', pid: 7, host: 'h' } as const;
    log.event({ ...worker, state: 'joined', reason: 'native backend' });
    log.event({ ...worker, state: 'lost', reason: 'its connection broke' });
    log.event({ event: 'reissue', step: 3, index: 1, attempt: 2, reason: 'slow' });
    log.event({ event: 'alarm', code: 'disk-full', message: 'no room' });
    expect(lines()).toMatchObject([
      { level: info, worker: 'w1', state: 'joined', msg: 'worker' },
      { level: warn, worker: 'w1', state: 'lost', msg: 'worker' },
      { level: info, step: 3, shard: 1, attempt: 2, msg: 'reissue' },
      { level: error, code: 'disk-full', msg: 'alarm' },
    ]);
  });

  it('logs nothing without a logger', () => {
    new RunLog(undefined, { runId: 'run-1', term: 1 }).taken(shard, 'w1', 'granted');
  });
});
