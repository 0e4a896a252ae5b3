import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extendSpec, LockstepError, specHash, specHashAt } from '@lockstep/core';
import { createRandomSource, smallSpec } from '@lockstep/core/testing';
import { Platter, type DiskFault } from './memory-disk.js';
import {
  listCheckpoints,
  loadCheckpoint,
  loadLastCheckpoint,
  saveCheckpoint,
  type Checkpoint,
} from './checkpoints.js';

const spec = smallSpec({});

const checkpoint = (version: number): Checkpoint => ({
  version,
  specHash: specHash(spec),
  weightsSha256: 'ab'.repeat(32),
  state: Uint8Array.from({ length: 64 }, (_, i) => (version * 37 + i) % 256),
});

/** A disk that holds the checkpoints of versions 1 and 2. */
async function prepared(): Promise<Platter> {
  const platter = new Platter();
  const disk = platter.process();
  await saveCheckpoint(disk, checkpoint(1), 5);
  await saveCheckpoint(disk, checkpoint(2), 5);
  return platter;
}

const FAULTS: readonly DiskFault['how'][] = ['dies-before', 'dies-within', 'dies-after', 'no-room'];

describe('a checkpoint', () => {
  it('is loaded as it was saved; the oldest make room', async () => {
    const disk = new Platter().process();
    for (let version = 1; version <= 4; version++)
      await saveCheckpoint(disk, checkpoint(version), 2);
    expect(await listCheckpoints(disk)).toEqual([3, 4]);
    expect(await loadLastCheckpoint(disk, spec)).toEqual({
      checkpoint: checkpoint(4),
      damaged: [],
    });
    expect((await loadLastCheckpoint(disk, spec, 3)).checkpoint?.version).toBe(3);
    expect((await loadLastCheckpoint(disk, smallSpec({ seed: 2 }))).checkpoint).toBeUndefined();
  });

  it('stays valid when the run is extended after it, and not when it was before', async () => {
    const disk = new Platter().process();
    const extended = extendSpec(spec, 2, 8);
    for (const version of [1, 2]) await saveCheckpoint(disk, checkpoint(version), 5);
    const third = { ...checkpoint(3), specHash: specHashAt(extended, 3) };
    await saveCheckpoint(disk, third, 5);
    for (const version of [1, 2]) {
      expect(await loadCheckpoint(disk, version, extended)).toEqual(checkpoint(version));
    }
    expect((await loadLastCheckpoint(disk, extended)).checkpoint).toEqual(third);
    const other = extendSpec(spec, 2, 9);
    await expect(loadCheckpoint(disk, 3, other)).rejects.toThrow(/another spec/);
    await expect(loadCheckpoint(disk, 2, extendSpec(spec, 1, 8))).rejects.toThrow(/another spec/);
  });

  it.each(FAULTS)('is the last or the new one, whichever call of saving it %s', async (how) => {
    for (let call = 1; ; call++) {
      for (const machineDies of [false, true]) {
        for (let seed = 0; seed < (machineDies ? 40 : 1); seed++) {
          const platter = await prepared();
          const disk = platter.process({ fault: { call, how } });
          const saved = await saveCheckpoint(disk, checkpoint(3), 2).then(
            () => true,
            () => false,
          );
          if (machineDies) platter.loseMachine(createRandomSource(seed).next);
          const { checkpoint: loaded, damaged } = await loadLastCheckpoint(platter.process(), spec);
          const expected = saved ? [3] : [2, 3];
          expect(expected, `call ${call}, seed ${seed}`).toContain(loaded?.version);
          expect(loaded).toEqual(checkpoint(loaded?.version ?? 0));
          // What was renamed is whole: nothing under the right name is ever torn.
          expect(damaged).toEqual([]);
          if (saved && disk.calls < call) return;
        }
      }
    }
  });

  it('that is altered in any byte is found, and the one before it used', async () => {
    const good = (await prepared()).peek('checkpoints/step-000000002.ckpt') ?? new Uint8Array();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (position, change) => {
          const platter = await prepared();
          const bytes = Uint8Array.from(good);
          bytes[position] ^= change;
          platter.plant('checkpoints/step-000000002.ckpt', bytes);
          const found = await loadLastCheckpoint(platter.process(), spec);
          expect(found.checkpoint?.version).toBe(1);
          expect(found.damaged).toHaveLength(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('that is cut short or renamed is found', async () => {
    const platter = await prepared();
    const good = platter.peek('checkpoints/step-000000002.ckpt') ?? new Uint8Array();
    platter.plant('checkpoints/step-000000007.ckpt', good);
    for (let length = 0; length < good.length; length++) {
      platter.plant('checkpoints/step-000000002.ckpt', good.subarray(0, length));
      const { checkpoint: found, damaged } = await loadLastCheckpoint(platter.process(), spec);
      expect(found?.version).toBe(1);
      expect(damaged[0]).toContain('holds version 2');
    }
  });

  it('of random bytes, with or without a true checksum, is run-damaged', async () => {
    const { createHash } = await import('node:crypto');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, signed) => {
        const platter = new Platter();
        const magic = Buffer.from('lockstep-checkpoint-1\n');
        const body = Buffer.concat([magic, bytes]);
        const content = signed
          ? Buffer.concat([body, createHash('sha256').update(body).digest()])
          : bytes;
        platter.plant('checkpoints/step-000000001.ckpt', content);
        const error: unknown = await loadCheckpoint(platter.process(), 1, spec).catch(
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(LockstepError);
        expect(error).toMatchObject({ code: 'run-damaged' });
      }),
      { numRuns: 300 },
    );
  });

  it('is not disturbed by another coordinator that saves the same version', async () => {
    const platter = new Platter();
    await Promise.all([
      saveCheckpoint(platter.process(), checkpoint(1), 5),
      saveCheckpoint(platter.process(), checkpoint(1), 5),
    ]);
    const { checkpoint: found } = await loadLastCheckpoint(platter.process(), spec);
    expect(found).toEqual(checkpoint(1));
  });
});
