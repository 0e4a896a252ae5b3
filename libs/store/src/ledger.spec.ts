import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LockstepError } from '@lockstep/core';
import { createRandomSource } from '@lockstep/core/testing';
import { Platter, type DiskFault } from './memory-disk.js';
import { listCheckpoints, saveCheckpoint } from './checkpoints.js';
import { openLedger, readLedger, retractSteps, type LedgerEntry } from './ledger.js';

const entry = (step: number): LedgerEntry => ({
  step,
  term: 1,
  shards: [0, 1].map((index) => ({
    index,
    sampleCount: 5,
    worker: `wörker-${index}\u001f`,
    attempt: 1,
    sha256: `${step}${index}`.repeat(32),
  })),
  loss: 1e21 / step,
});
const entries = (count: number): LedgerEntry[] =>
  Array.from({ length: count }, (_, i) => entry(i + 1));

async function written(count: number): Promise<Platter> {
  const platter = new Platter();
  const { ledger } = await openLedger(platter.process(), 'run');
  for (const each of entries(count)) ledger.append(each);
  await ledger.sync();
  return platter;
}
const reread = async (platter: Platter): Promise<readonly LedgerEntry[]> =>
  (await readLedger(platter.process(), 'run')).entries.map((each) => each.entry);
const content = (platter: Platter): Buffer => Buffer.from(platter.peek('ledger.jsonl') ?? []);
const checkpointAt = (platter: Platter, version: number): Promise<number> => {
  const weightsSha256 = 'ab'.repeat(32);
  const state = new Uint8Array(4);
  return saveCheckpoint(platter.process(), { version, specHash: 's', weightsSha256, state }, 5);
};

/** Two steps' lines of release 0.3. */
const WRITTEN_IN_FORMAT_1 = [
  '{"step":1,"term":1,"shards":[{"index":0,"sampleCount":25,"worker":"worker-d1866e","attempt":1,"sha256":"153b4d2ae78aae93b2b85f5be90c21632574f47ff481589bcb841f20e51005cf"},{"index":1,"sampleCount":25,"worker":"worker-d1866e","attempt":1,"sha256":"13353be68d8d1dd45acb6eec861f48d8803c7aa483f932404de3ab530174f0b3"}],"loss":11.813950805664062,"chain":"1e476b1e438ed8abbc0a90e405d7e5f78c4fb614cf5ed1843b7c5da5c4d8faca"}',
  '{"step":2,"term":1,"shards":[{"index":0,"sampleCount":25,"worker":"worker-d1866e","attempt":1,"sha256":"265fdf7e6c5cfd0e57967356fb73e849cfbe16c1bdb9f31384f3a119f6b7ebd9"},{"index":1,"sampleCount":25,"worker":"worker-d1866e","attempt":1,"sha256":"88d0b1fc9f63ea103089692346577797065b1c46aec383293a84b7e8711d738a"}],"loss":8.208811340332032,"chain":"c47e7f8798c0bc12e2262bbcb9df25cafae7100725f47eafa40d13978b20e44f"}',
];

describe('the ledger', () => {
  it('of a run of format 1 is read, with its chain checked', async () => {
    const platter = new Platter();
    const plant = (text: string): void => platter.plant('ledger.jsonl', Buffer.from(text));
    const read = () => readLedger(platter.process(), '20261128-185849-0952');
    const text = WRITTEN_IN_FORMAT_1.map((line) => `${line}\n`).join('');
    plant(text);
    const { entries: found, droppedBytes } = await read();
    expect(found.map((each) => each.entry.loss)).toEqual([11.813950805664062, 8.208811340332032]);
    expect(droppedBytes).toBe(0);
    plant(text.replace('153b4d2a', '153b4d2b'));
    expect((await read()).entries).toEqual([]);
  });

  it('reads back what was written, over several openings', async () => {
    const platter = await written(2);
    const { ledger, entries: found } = await openLedger(platter.process(), 'run');
    expect(found).toEqual(entries(2));
    ledger.append(entry(3));
    expect(await reread(platter)).toEqual(entries(3));
  });

  it('is continued before a step that was retracted, whose checkpoints are gone', async () => {
    const platter = await written(5);
    for (const version of [2, 3, 4]) await checkpointAt(platter, version);
    const whole = content(platter);
    await retractSteps(platter.process(), 'run', 3);
    expect(await listCheckpoints(platter.process())).toEqual([2]);
    const { ledger, entries: found } = await openLedger(platter.process(), 'run');
    expect(found).toEqual(entries(2));
    const kept = Buffer.from(platter.peek('refuted-from-3.jsonl') ?? []);
    expect(Buffer.concat([content(platter), kept])).toEqual(whole);
    ledger.append(entry(3));
    expect(await reread(platter)).toEqual(entries(3));
  });

  it('drops a line torn at any byte', async () => {
    const whole = content(await written(3));
    const two = content(await written(2)).length;
    for (let length = two; length < whole.length; length++) {
      const platter = new Platter();
      platter.plant('ledger.jsonl', whole.subarray(0, length));
      const opened = await openLedger(platter.process(), 'run');
      expect(opened.entries).toEqual(entries(2));
      expect(opened.droppedBytes).toBe(length - two);
      opened.ledger.append(entry(3));
      expect(await reread(platter)).toEqual(entries(3));
    }
  });

  it('finds a changed byte anywhere', async () => {
    const good = await written(4);
    await checkpointAt(good, 4);
    const bytes = content(good);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (position, change) => {
          const altered = Buffer.from(bytes);
          altered[position] ^= change;
          good.plant('ledger.jsonl', altered);
          const found = await readLedger(good.process(), 'run').catch((error: unknown) => error);
          if (found instanceof LockstepError) {
            expect(found.code).toBe('run-damaged');
            return;
          }
          // In the last line it looks like a torn one, and costs no more than that.
          expect(found).toMatchObject({ entries: { length: 3 } });
          expect((found as { droppedBytes: number }).droppedBytes).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not take two lines run together for a torn last one', async () => {
    const platter = await written(4);
    await checkpointAt(platter, 4);
    const altered = content(platter);
    altered[altered.lastIndexOf(0x0a, altered.length - 2)] ^= 1;
    platter.plant('ledger.jsonl', altered);
    await expect(readLedger(platter.process(), 'run')).rejects.toMatchObject({
      code: 'run-damaged',
      message: 'line 3 of ledger.jsonl is damaged',
    });
  });

  it('finds the upper case of an exponent or an escape, which mean the same number', async () => {
    const platter = await written(3);
    await checkpointAt(platter, 3);
    const text = content(platter).toString();
    for (const [old, other] of [
      ['e+21', 'E+21'],
      ['\\u001f', '\\u001F'],
    ] as const) {
      expect(text).toContain(old);
      platter.plant('ledger.jsonl', Buffer.from(text.replace(old, other)));
      await expect(reread(platter)).rejects.toMatchObject({ code: 'run-damaged' });
    }
  });

  it('of another run is not taken for this one', async () => {
    const platter = await written(3);
    await checkpointAt(platter, 3);
    await expect(readLedger(platter.process(), 'other')).rejects.toMatchObject({
      code: 'run-damaged',
    });
  });

  it('that lacks lines up to the newest checkpoint is damaged', async () => {
    const platter = await written(3);
    await checkpointAt(platter, 3);
    const lines = content(platter).toString().split('\n');
    for (const kept of [0, 1, 2]) {
      const text = lines.slice(0, kept).map((line) => `${line}\n`);
      platter.plant('ledger.jsonl', Buffer.from(text.join('')));
      await expect(openLedger(platter.process(), 'run')).rejects.toMatchObject({
        code: 'run-damaged',
        message: `ledger.jsonl has the lines of ${kept} steps, although there is a checkpoint of step 3`,
      });
    }
  });

  it('that is missing is damaged once the run has begun, and new before', async () => {
    const missing = {
      code: 'run-damaged',
      message: 'ledger.jsonl is missing, although the run has begun',
    };
    const begun = new Platter();
    begun.plant('events.jsonl', Buffer.from(''));
    await expect(openLedger(begun.process(), 'run')).rejects.toMatchObject(missing);
    const saved = new Platter();
    await checkpointAt(saved, 3);
    await expect(openLedger(saved.process(), 'run')).rejects.toMatchObject(missing);
    expect((await openLedger(new Platter().process(), 'run')).entries).toEqual([]);
  });

  it('holds every synced line, and the good ones after them, whatever the machine loses', async () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = createRandomSource(seed);
      const platter = new Platter();
      const { ledger } = await openLedger(platter.process(), 'run');
      const synced = random.between(0, 4);
      for (const each of entries(synced)) ledger.append(each);
      await ledger.sync();
      if (synced > 0) await checkpointAt(platter, synced);
      for (let step = synced + 1; step <= synced + 3; step++) ledger.append(entry(step));
      platter.loseMachine(random.next);
      const found = await reread(platter);
      expect(found.length, `seed ${seed}`).toBeGreaterThanOrEqual(synced);
      expect(found).toEqual(entries(found.length));
      const again = await openLedger(platter.process(), 'run');
      again.ledger.append(entry(found.length + 1));
      expect(await reread(platter)).toEqual(entries(found.length + 1));
    }
  });

  it.each<DiskFault['how']>(['dies-before', 'dies-within', 'dies-after', 'no-room'])(
    'loses no synced line, whichever call of opening it or adding to it %s',
    async (how) => {
      for (let call = 1; call < 20; call++) {
        for (let seed = 0; seed < 20; seed++) {
          const platter = await written(2);
          await checkpointAt(platter, 2);
          const disk = platter.process({ fault: { call, how } });
          const adding = async (): Promise<void> => {
            const { ledger } = await openLedger(disk, 'run');
            for (let step = 3; step <= 5; step++) ledger.append(entry(step));
            await ledger.sync();
          };
          const done = await adding().then(
            () => true,
            () => false,
          );
          if (seed > 0) platter.loseMachine(createRandomSource(seed).next);
          const found = await reread(platter);
          expect(found.length).toBeGreaterThanOrEqual(done ? 5 : 2);
          expect(found).toEqual(entries(found.length));
        }
      }
    },
  );

  it('says that the disk is full', async () => {
    const disk = new Platter().process({ fault: { call: 9, how: 'no-room' } });
    const { ledger } = await openLedger(disk, 'run');
    expect(() => {
      for (let step = 1; step < 9; step++) ledger.append(entry(step));
    }).toThrow(expect.objectContaining({ code: 'disk-full' }));
  });

  it('of random bytes or random JSON never fails but with run-damaged', async () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.json({ maxDepth: 2 }), { maxLength: 4 })
        .map((lines) => Buffer.from(`${lines.join('\n')}\n`)),
    );
    await fc.assert(
      fc.asyncProperty(anything, fc.nat(3), async (bytes, version) => {
        const platter = new Platter();
        platter.plant('ledger.jsonl', bytes);
        if (version > 0) await checkpointAt(platter, version);
        const found = await openLedger(platter.process(), 'run').catch((error: unknown) => error);
        if (found instanceof Error) expect(found).toMatchObject({ code: 'run-damaged' });
        else expect(found).toMatchObject({ entries: [] });
      }),
      { numRuns: 300 },
    );
  });

  it('is out of reach of a coordinator whose term is over', async () => {
    const platter = await written(1);
    const forgotten = (await openLedger(platter.process(), 'run')).ledger;
    const next = (await openLedger(platter.process(), 'run')).ledger;
    forgotten.append(entry(2));
    next.append(entry(2));
    forgotten.append(entry(3));
    expect(await reread(platter)).toEqual(entries(2));
  });
});
