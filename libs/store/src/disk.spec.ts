import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Platter } from './memory-disk.js';
import { removeLeftovers, replaceFile } from './disk.js';
import { describeDisk } from './disk.contract.js';
import { nodeDisk } from './node-disk.js';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

describe('the disk of Node', () => {
  describeDisk(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-disk-'));
    folders.push(folder);
    return nodeDisk(folder);
  });
});

describe('the disk in memory', () => {
  describeDisk(() => Promise.resolve(new Platter().process()));
});

describe('replaceFile', () => {
  it('removes its temporary file when there is no room, and says so', async () => {
    const platter = new Platter();
    platter.plant('a', Buffer.from('old'));
    const disk = platter.process({ fault: { call: 1, how: 'no-room' } });
    await expect(replaceFile(disk, '.', 'a', [Buffer.from('new')])).rejects.toMatchObject({
      code: 'disk-full',
    });
    expect(platter.names()).toEqual(['a']);
    expect(Buffer.from(platter.peek('a') ?? []).toString()).toBe('old');
  });

  it('leaves a temporary file when the process dies, which the next one removes', async () => {
    const platter = new Platter();
    const dying = platter.process({ fault: { call: 2, how: 'dies-before' } });
    await expect(replaceFile(dying, '.', 'a', [Buffer.from('new')])).rejects.toThrow('dies');
    expect(platter.names()).toHaveLength(1);
    await removeLeftovers(platter.process(), '.');
    expect(platter.names()).toEqual([]);
  });
});
