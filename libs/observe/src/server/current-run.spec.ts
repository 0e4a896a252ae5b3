import { initialMachineState, type MachineState } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import type { LedRun } from '../run-view.js';
import { CurrentRun } from './current-run.js';

/** A run of which only the state is read. */
function runIn(state: MachineState['condition']['state']): LedRun {
  const initial = initialMachineState({ runId: 'run-1', term: 1, committedStep: 0 });
  const status = { ...initial, condition: { ...initial.condition, state } };
  return { view: { status } } as unknown as LedRun;
}

describe('CurrentRun', () => {
  it('gives the run to all that asked before it was led, and after', async () => {
    const current = new CurrentRun(false);
    const early = [current.get(), current.get()];
    const run = runIn('running');
    current.show(run);
    expect(await Promise.all([...early, current.get()])).toEqual([run, run, run]);
  });

  it('refuses, with the reason, once no run will be led', async () => {
    const current = new CurrentRun(false);
    current.waitingFor = 'Redis does not respond';
    const early = current.get();
    current.close();
    for (const refused of [early, current.get()]) {
      await expect(refused).rejects.toMatchObject({
        code: 'not-ready',
        message: 'no run is led here yet: Redis does not respond',
      });
    }
  });

  it('waits for the end of the run, no longer than asked', async () => {
    const current = new CurrentRun(false);
    await current.ended(1);
    const ended = current.ended(60_000);
    current.end();
    await ended;
    await current.ended(60_000);
  });

  it('is led until the run has ended, or for as long as the coordinator stays', () => {
    for (const stays of [false, true]) {
      const current = new CurrentRun(stays);
      expect(current.isLed).toBe(false);
      current.show(runIn('paused'));
      expect(current.isLed).toBe(true);
      current.show(runIn('stopped'));
      expect(current.isLed).toBe(stays);
    }
  });
});
