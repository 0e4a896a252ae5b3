import type { ContributionHeader, HeartbeatRequest } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';
import { WorkerRecord } from './worker-record.js';

const worker = { id: 'w1', host: 'h', pid: 7, backend: 'native', local: true };
const beat = (cpuSeconds: number, log: HeartbeatRequest['log'] = []): HeartbeatRequest => ({
  ...{ session: 's', version: 1, shard: undefined, rssBytes: 1, tensorCount: 2, cpuSeconds, log },
});
const contribution = (sampleCount: number, computeMs = 10) =>
  ({ sampleCount, timings: { computeMs } }) as unknown as ContributionHeader;

function start() {
  const clock = { now: 0 };
  const record = new WorkerRecord(
    worker,
    { now: () => 7, monotonicNow: () => clock.now },
    { samples: 0 },
  );
  return { clock, record };
}

describe('a worker’s figures', () => {
  it('have its rate over the last five seconds, or since it joined', () => {
    const { clock, record } = start();
    clock.now = 1_000;
    for (let n = 0; n < 10; n++) record.contributed(contribution(50), 'counted');
    record.contributed(contribution(50), 'late');
    expect(record.figures()).toMatchObject({ samplesPerSecond: 500, countedSamples: 500 });
    clock.now = 5_000;
    expect(record.figures().samplesPerSecond).toBe(100);
    clock.now = 6_001;
    expect(record.figures()).toMatchObject({ samplesPerSecond: 0, refusals: { late: 1 } });
  });

  it('have the cores it keeps busy now, not since it began', () => {
    const { clock, record } = start();
    expect(record.figures().cores).toBeUndefined();
    record.heard(beat(100));
    for (clock.now = 250; clock.now <= 10_000; clock.now += 250) {
      record.heard(beat(100 + (0.8 * clock.now) / 1000));
    }
    expect(record.figures().cores).toBeCloseTo(0.8);
  });

  it('have the median of its last shards', () => {
    const { record } = start();
    for (const ms of [1_000, 1_000]) record.contributed(contribution(1, ms), 'counted');
    for (let n = 0; n < 15; n++) record.contributed(contribution(1, n === 3 ? 900 : 20), 'counted');
    expect(record.figures().shardMs).toBe(20);
  });

  it('keep its log: each line once, in bounded memory', () => {
    const { record } = start();
    const line = (number: number, text = 'x') => ({ number, at: 1, warning: false, text });
    record.heard(beat(1, [line(1), line(2)]));
    record.heard(beat(1, [line(2), line(3)]));
    expect(record.log.map(({ number }) => number)).toEqual([1, 2, 3]);
    for (let n = 4; n <= 900; n++) record.heard(beat(1, [line(n)]));
    expect(record.log).toHaveLength(500);
    for (let n = 901; n <= 1_800; n++) record.heard(beat(1, [line(n, 'y'.repeat(5_000))]));
    expect(record.log).toHaveLength(100);
    expect(record.log.at(-1)?.text).toHaveLength(1_000);
    expect(record.figures().heartbeat?.log).toEqual([]);
  });

  it('remember how it went, and that it was asked to', () => {
    const { clock, record } = start();
    clock.now = 10;
    record.contributed(contribution(5), 'counted');
    expect([record.startDraining(), record.startDraining()]).toEqual([true, false]);
    record.departed({ how: 'lost', reason: 'silence' });
    record.reissued();
    expect(record.figures()).toMatchObject({
      ...{ draining: true, departure: { how: 'lost', reason: 'silence' } },
      ...{ samplesPerSecond: 0, reissues: 1, countedSamples: 5 },
    });
  });
});
