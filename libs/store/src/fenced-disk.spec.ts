import { describe, expect, it } from 'vitest';
import { saveCheckpoint, tidyRunFolder } from './checkpoints.js';
import { replaceFile } from './disk.js';
import { describeDisk } from './disk.contract.js';
import { EventLog } from './event-log.js';
import { FencedDisk } from './fenced-disk.js';
import { openLedger } from './ledger.js';
import { Platter } from './memory-disk.js';
import { removeAddress, writeAddress } from './run-folder.js';
import { takeRunLock } from './run-lock.js';

const time = { monotonic: 0 };
const clock = {
  now: () => time.monotonic,
  monotonicNow: () => time.monotonic,
  sleep: (ms: number) => Promise.resolve(void (time.monotonic += ms)),
};
const lead = async (platter: Platter, host: string, delay?: () => Promise<void>) => {
  const disk = platter.process(delay ? { delay } : {});
  const taker = { host, pid: 1, isAlive: () => true };
  return new FencedDisk(disk, await takeRunLock(disk, clock, taker));
};
const isRefused = { code: 'run-locked' };
const files = (platter: Platter): string[] =>
  platter
    .names()
    .filter((name) => !name.startsWith('terms/'))
    .map((name) => `${name}: ${Buffer.from(platter.peek(name) ?? []).toString()}`);

describe('a fenced disk', () => {
  describe('that holds the run', () => describeDisk(() => emptyDisk()));

  it('changes nothing once a later term has taken over', async () => {
    const platter = new Platter();
    const old = await lead(platter, 'a');
    await old.write('kept', [Buffer.from('1')]);
    const log = old.openAppend('log');
    log.append(Buffer.from('1'));
    await lead(platter, 'b');
    const before = files(platter);
    const changes: readonly (() => Promise<unknown>)[] = [
      () => old.makeFolder('folder'),
      () => old.write('kept', [Buffer.from('2')]),
      () => old.create('new', Buffer.from('2')),
      () => old.rename('kept', 'moved'),
      () => old.remove('kept'),
      () => replaceFile(old, '.', 'kept', [Buffer.from('2')]),
    ];
    for (const change of changes) await expect(change()).rejects.toMatchObject(isRefused);
    expect(() => log.append(Buffer.from('2'))).toThrow(/another coordinator has taken over/);
    expect(() => old.openAppend('log')).toThrow(/another coordinator has taken over/);
    expect(files(platter)).toEqual(before);
    expect(Buffer.from((await old.read('kept')) ?? []).toString()).toBe('1');
  });

  it('renews a lease that has run out before it changes anything', async () => {
    const platter = new Platter();
    const disk = await lead(platter, 'a');
    const term = (): string => Buffer.from(platter.peek('terms/1.json') ?? []).toString();
    const before = term();
    await disk.write('a', [Buffer.from('1')]);
    expect(term()).toBe(before);
    time.monotonic += 10_000;
    await disk.write('a', [Buffer.from('2')]);
    expect(term()).not.toBe(before);
  });

  it('does not complete a replacement that was under way when a later term took over', async () => {
    const platter = new Platter();
    const suspended: { until?: Promise<void> } = {};
    const old = await lead(platter, 'a', () => suspended.until ?? Promise.resolve());
    const state = new Uint8Array(4);
    const checkpoint = { version: 1, specHash: 's', weightsSha256: '0'.repeat(64), state };
    await old.makeFolder('checkpoints');
    await old.write('checkpoints/.step-000000001.ckpt.x.tmp', [state]);
    let wake = (): void => undefined;
    suspended.until = new Promise((resolve) => (wake = resolve));
    // It has been checked, and waits for the disk.
    const renaming = old.rename(
      'checkpoints/.step-000000001.ckpt.x.tmp',
      'checkpoints/step-000000001.ckpt',
    );
    const saving = saveCheckpoint(old, checkpoint, 5);
    const next = await lead(platter, 'b');
    await tidyRunFolder(next);
    wake();
    await expect(renaming).rejects.toMatchObject(isRefused);
    await expect(saving).rejects.toMatchObject(isRefused);
    expect(await next.list('checkpoints')).not.toContain('step-000000001.ckpt');
  });
});

describe('the files of a superseded coordinator', () => {
  it('are left as its successor has written them', async () => {
    const platter = new Platter();
    const old = await lead(platter, 'a');
    const { ledger } = await openLedger(old, 'run');
    const log = new EventLog(old, () => 1, old.term);
    const address = (term: number) => ({ runId: 'run', grpc: `g${term}`, host: 'h', pid: 1, term });
    await writeAddress(old, address(1));
    log.write({ event: 'state', state: 'running', reason: 'before' });
    const next = await lead(platter, 'b');
    await openLedger(next, 'run');
    await writeAddress(next, address(2));
    const before = files(platter);

    log.write({ event: 'state', state: 'failed', reason: 'after' });
    log.close();
    expect(() => ledger.append({ step: 1, term: 1, shards: [], loss: 1 })).toThrow(/taken over/);
    await removeAddress(old);
    await expect(writeAddress(old, address(1))).rejects.toMatchObject(isRefused);
    expect(files(platter)).toEqual(before);

    await removeAddress(next);
    expect(platter.names()).not.toContain('address.json');
  });

  it('have the term on each line of the event log', () => {
    const platter = new Platter();
    const log = new EventLog(platter.process(), () => 5, 3);
    log.write({ event: 'scaled', workers: 2, reason: 'x' });
    const line = '{"event":"scaled","workers":2,"reason":"x","term":3,"at":5}\n';
    expect(files(platter)).toEqual([`events.jsonl: ${line}`]);
  });
});

/** As the contract expects it: the lock's own files are not of the folder. */
function emptyDisk(): Promise<FencedDisk> {
  const platter = new Platter();
  const lock = { term: 1, mustHold: () => Promise.resolve(), mustHoldNow: () => undefined };
  return Promise.resolve(new FencedDisk(platter.process(), lock));
}
