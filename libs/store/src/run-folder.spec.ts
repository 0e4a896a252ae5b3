import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { LockstepError } from '@lockstep/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallSpec } from '@lockstep/core/testing';
import { openLedger } from './ledger.js';
import { createRunFolder, newestRun, openRunFolder, type RunRecord } from './run-folder.js';
import { encodeRunRecord, parseRunRecord } from './run-record.js';

const record: RunRecord = {
  runId: 'run',
  spec: smallSpec({}),
  model: 'mnist-cnn',
  data: 'mnist',
  createdAt: '2026-01-01T00:00:00.000Z',
};
let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'lockstep-runs-'));
});
afterAll(() => rm(out, { recursive: true }));

describe('a run’s folder', () => {
  it('is found by its id and by its path, and made once', async () => {
    const { path } = await createRunFolder(out, record);
    expect((await openRunFolder(out, 'run')).record).toEqual(record);
    expect((await openRunFolder('elsewhere', path)).record).toEqual(record);
    await expect(createRunFolder(out, record)).rejects.toMatchObject({ code: 'run-exists' });
    await expect(openRunFolder(out, 'absent')).rejects.toMatchObject({ code: 'run-not-found' });
  });

  it('is the newest of those that were begun', async () => {
    const empty = await mkdtemp(join(out, 'empty-'));
    expect(await newestRun(join(empty, 'absent'))).toBeUndefined();
    expect(await newestRun(empty)).toBeUndefined();
    for (const runId of ['20260102-000000-bbbb', '20260103-000000-aaaa', '20260101-000000-cccc']) {
      await createRunFolder(empty, { ...record, runId });
    }
    await mkdir(join(empty, '20260104-000000-torn'));
    expect(await newestRun(empty)).toBe('20260103-000000-aaaa');
  });

  it('whose spec was altered is run-damaged', async () => {
    const { path } = await createRunFolder(out, { ...record, runId: 'altered' });
    const file = join(path, 'spec.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"learningRate": 0.1', '"learningRate": 0.2'));
    await expect(openRunFolder(out, 'altered')).rejects.toMatchObject({ code: 'run-damaged' });
  });

  it('whose spec is missing is run-damaged, not absent', async () => {
    const { path, disk } = await createRunFolder(out, { ...record, runId: 'headless' });
    await openLedger(disk, 'headless');
    await rm(join(path, 'spec.json'));
    await expect(openRunFolder(out, 'headless')).rejects.toMatchObject({
      code: 'run-damaged',
      message: `${join(path, 'spec.json')} is missing`,
    });
  });
});

describe('spec.json', () => {
  it('of random bytes, random JSON or with a changed byte never fails but with run-damaged', () => {
    const good = encodeRunRecord(record);
    const flipped = fc
      .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([position, change]) => {
        const bytes = Uint8Array.from(good);
        bytes[position] ^= change;
        return bytes;
      });
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Uint8Array.from(Buffer.from(text))),
      flipped,
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          // Only what is not of the spec may read differently: names and times.
          expect(parseRunRecord(bytes, 'spec.json').spec).toEqual(record.spec);
        } catch (error) {
          expect(error).toBeInstanceOf(LockstepError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
