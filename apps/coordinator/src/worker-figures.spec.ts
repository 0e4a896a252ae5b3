import type { ContributionHeader, HeartbeatRequest } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';
import { createFigureKeeper, median } from './worker-figures.js';

const worker = { id: 'w1', host: 'h', pid: 7, backend: 'native', joinedAt: 0 };
const beat = (cpuSeconds: number, log: HeartbeatRequest['log'] = []): HeartbeatRequest => ({
  ...{ session: 's', version: 1, shard: undefined, rssBytes: 1, tensorCount: 2, cpuSeconds, log },
});
const answer = (sampleCount: number, computeMs = 10) =>
  ({ sampleCount, timings: { computeMs } }) as unknown as ContributionHeader;

function start() {
  const clock = { now: 0 };
  const run = { counted: 0 };
  const keeper = createFigureKeeper(
    worker,
    () => clock.now,
    () => run.counted,
  );
  return { clock, run, keeper };
}

describe('a worker’s figures', () => {
  it('have its rate over the last five seconds, or since it joined', () => {
    const { clock, keeper } = start();
    clock.now = 1_000;
    for (let n = 0; n < 10; n++) keeper.contributed(answer(50), 'counted');
    keeper.contributed(answer(50), 'late');
    expect(keeper.figures()).toMatchObject({ samplesPerSecond: 500, countedSamples: 500 });
    clock.now = 5_000;
    expect(keeper.figures().samplesPerSecond).toBe(100);
    clock.now = 6_001;
    expect(keeper.figures()).toMatchObject({ samplesPerSecond: 0, refusals: { late: 1 } });
  });

  it('have the cores it keeps busy now, not since it began', () => {
    const { clock, keeper } = start();
    expect(keeper.figures().cores).toBeUndefined();
    keeper.heard(beat(100));
    for (clock.now = 250; clock.now <= 10_000; clock.now += 250) {
      keeper.heard(beat(100 + (0.8 * clock.now) / 1000));
    }
    expect(keeper.figures().cores).toBeCloseTo(0.8);
  });

  it('have the median of its last shards', () => {
    const { keeper } = start();
    for (const ms of [1_000, 1_000]) keeper.contributed(answer(1, ms), 'counted');
    for (let n = 0; n < 15; n++) keeper.contributed(answer(1, n === 3 ? 900 : 20), 'counted');
    expect(keeper.figures().shardMs).toBe(20);
    expect(median([])).toBeUndefined();
    expect(median([4, 1, 3, 2])).toBe(2);
  });

  it('keep its log: each line once, in bounded memory', () => {
    const { keeper } = start();
    const line = (number: number, text = 'x') => ({ number, at: 1, warning: false, text });
    keeper.heard(beat(1, [line(1), line(2)]));
    keeper.heard(beat(1, [line(2), line(3)]));
    expect(keeper.log.map(({ number }) => number)).toEqual([1, 2, 3]);
    for (let n = 4; n <= 900; n++) keeper.heard(beat(1, [line(n, 'y'.repeat(5_000))]));
    expect(keeper.log).toHaveLength(500);
    expect(keeper.log.at(-1)?.text).toHaveLength(1_000);
    expect(keeper.figures().heartbeat?.log).toEqual([]);
  });

  it('remember how it went, and that it was asked to', () => {
    const { clock, keeper } = start();
    clock.now = 10;
    keeper.contributed(answer(5), 'counted');
    expect([keeper.asked(), keeper.asked()]).toEqual([true, false]);
    keeper.gone({ how: 'lost', reason: 'silence' });
    keeper.reissued();
    expect(keeper.figures()).toMatchObject({
      ...{ draining: true, departure: { how: 'lost', reason: 'silence' } },
      ...{ samplesPerSecond: 0, reissues: 1, countedSamples: 5 },
    });
  });
});
