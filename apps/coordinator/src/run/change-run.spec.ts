import { join } from 'node:path';
import { LockstepError, totalSteps } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { changeRun } from './change-run.js';
import type { RunChanges } from '../coordinator-options.js';
import {
  FencedDisk,
  openLedger,
  readRunRecord,
  replaceRunRecord,
  type RunRecord,
} from '@lockstep/store';
import { createRandomSource, smallSpec } from '@lockstep/core/testing';
import { Platter, type DiskFault, type MemoryDisk } from '@lockstep/store/memory';

const record: RunRecord = {
  runId: 'run',
  spec: smallSpec({ steps: 4 }),
  ...{ model: '/given/model.mjs', data: '/given/data', createdAt: '2026-01-01T00:00:00.000Z' },
};
const COMMITTED = 3;

/** A disk with a run that has made three of its four steps. */
async function begun() {
  const platter = new Platter();
  const disk = platter.process();
  await replaceRunRecord(disk, record);
  const { ledger } = await openLedger(disk, 'run');
  for (let step = 1; step <= COMMITTED; step++) {
    ledger.append({ step, term: 1, shards: [], loss: 1 });
  }
  await ledger.sync();
  return platter;
}

function change(disk: MemoryDisk, changes: RunChanges, isHeld = true) {
  const over = new LockstepError('run-locked', 'another coordinator has taken over the run');
  const mustHold = () => (isHeld ? Promise.resolve() : Promise.reject(over));
  const fenced = new FencedDisk(disk, { term: 2, mustHold, mustHoldNow: () => undefined });
  return changeRun({ path: 'run', disk: fenced, record }, changes);
}

const stored = (disk: MemoryDisk): Promise<RunRecord | undefined> => readRunRecord(disk, 'run');

describe('changing a run that is resumed', () => {
  it('adds steps after the last committed one, and writes that when it is committed', async () => {
    const disk = (await begun()).process();
    const { folder, commit } = await change(disk, { steps: 9 });
    expect(folder.record.spec.segments).toEqual([{ afterStep: COMMITTED, steps: 9 }]);
    expect(await stored(disk)).toEqual(record);
    await commit();
    expect(await stored(disk)).toEqual(folder.record);
    expect(totalSteps(folder.record.spec)).toBe(9);
  });

  it('stores the absolute paths of a moved model and of moved data, and leaves the spec', async () => {
    const disk = (await begun()).process();
    await (await change(disk, { model: 'b.mjs', data: 'moved' })).commit();
    expect(await stored(disk)).toEqual({
      ...record,
      model: join(process.cwd(), 'b.mjs'),
      data: join(process.cwd(), 'moved'),
    });
  });

  it('writes nothing where nothing changes', async () => {
    const disk = (await begun()).process();
    const { commit } = await change(disk, { steps: 4, data: record.data });
    const calls = disk.calls;
    await commit();
    expect(disk.calls).toBe(calls);
  });

  it('does the same when it is asked again', async () => {
    const disk = (await begun()).process();
    await (await change(disk, { steps: 9 })).commit();
    const once = await stored(disk);
    await (await change(disk, { steps: 9 })).commit();
    expect(await stored(disk)).toEqual(once);
  });

  it('refuses as many steps as are made, and a writer whose term is over', async () => {
    const disk = (await begun()).process();
    await expect(change(disk, { steps: COMMITTED })).rejects.toMatchObject({ code: 'bad-option' });
    const { commit } = await change(disk, { steps: 9 }, false);
    await expect(commit()).rejects.toMatchObject({ code: 'run-locked' });
    expect(await stored(disk)).toEqual(record);
  });

  it.each<DiskFault['how']>(['dies-before', 'dies-within', 'dies-after', 'no-room'])(
    'leaves the old or the new record, whichever call of writing it %s',
    async (how) => {
      for (let call = 1, done = false; !done; call++) {
        for (let seed = 0; seed < 20; seed++) {
          const platter = await begun();
          const changed = await change(platter.process(), { steps: 9 });
          const disk = platter.process({ fault: { call, how } });
          const written = await replaceRunRecord(disk, changed.folder.record).then(
            () => true,
            () => false,
          );
          if (seed > 0) platter.loseMachine(createRandomSource(seed).next);
          const found = await stored(platter.process());
          expect(written ? [9] : [4, 9]).toContain(found && totalSteps(found.spec));
          done = written && disk.calls < call;
        }
      }
    },
  );
});
