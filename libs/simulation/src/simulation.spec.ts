import { describe, expect, it } from 'vitest';
import { scheduleClockJumps, scheduleSleep } from './faults.js';
import { plantedBugs, plantedWorkerBugs } from './planted-bugs.js';
import type { SimulationSettings } from './scene.js';
import { simulate, simulateMany } from './simulation.js';

const SEEDS = 1_400;
const BUG_SEEDS = 1_500;

describe('a simulated run', () => {
  it(`comes to the same weights and counts every sample once, whatever goes wrong: ${SEEDS} seeds`, async () => {
    const { failures, terms } = await simulateMany(0, SEEDS, {}, 5);
    expect(failures).toEqual([]);
    // Faults did occur: many coordinators died before the end.
    expect(terms).toBeGreaterThan(SEEDS * 1.2);
  }, 600_000);

  it('loses no worker when wall clocks are wrong, drift, and are set by an hour', async () => {
    for (let seed = 0; seed < 80; seed++) {
      const { violations, lost } = await simulate(seed, { faults: scheduleClockJumps });
      expect({ seed, violations, lost }).toEqual({ seed, violations: [], lost: [] });
    }
  }, 120_000);

  it('takes no worker for silent when the machine of all processes sleeps', async () => {
    for (let seed = 0; seed < 80; seed++) {
      const { violations, lost } = await simulate(seed, { faults: scheduleSleep });
      const silent = lost.filter((reason) => reason.startsWith('no heartbeat'));
      expect({ seed, violations, silent }).toEqual({ seed, violations: [], silent: [] });
    }
  }, 120_000);

  it('is played equally from equal seeds', async () => {
    for (const seed of [1, 2, 3, 17]) {
      const traces: string[][] = [[], []];
      for (const trace of traces) await simulate(seed, { trace: (line) => trace.push(line) });
      const [first, second] = traces.map((trace) => trace.map(withoutMeasuredTimes));
      expect(first?.length).toBeGreaterThan(20);
      expect(first).toEqual(second);
    }
  });

  it.each(Object.entries(plantedBugs))('finds a step machine that %s', isFound, 120_000);
  it.each(Object.entries(plantedWorkerBugs))('finds a worker that %s', isFound, 120_000);
});

async function isFound(_what: string, settings: SimulationSettings): Promise<void> {
  for (let seed = 0; seed < BUG_SEEDS; seed++) {
    const { violations } = await simulate(seed, settings);
    if (violations.length > 0) return;
  }
  expect.fail(`not found in ${BUG_SEEDS} seeds`);
}

/** Durations that the machine's own clock measures for people. */
function withoutMeasuredTimes(line: string): string {
  return line.replace(/"(milliseconds|seconds)":[\d.]+/g, '');
}
