import { expect, it } from 'vitest';
import { errorCodeOf, type Disk } from './disk.js';

const bytes = (text: string): Buffer => Buffer.from(text);
const text = async (disk: Disk, path: string): Promise<string | undefined> => {
  const content = await disk.read(path);
  return content && Buffer.from(content).toString();
};
const codeOf = (error: unknown): string | undefined => errorCodeOf(error);

/** What every disk must do, in a folder of its own that is empty and exists. */
export function describeDisk(open: () => Promise<Disk>): void {
  it('has nothing at first', async () => {
    const disk = await open();
    expect(await disk.list('.')).toEqual([]);
    expect(await disk.list('absent')).toEqual([]);
    expect(await disk.read('absent')).toBeUndefined();
    expect(disk.has('absent')).toBe(false);
    await expect(disk.remove('absent')).resolves.toBeUndefined();
  });

  it('writes chunks one after another, and a file anew', async () => {
    const disk = await open();
    await disk.write('a', [bytes('long '), bytes('content')]);
    expect(await text(disk, 'a')).toBe('long content');
    await disk.write('a', [bytes('short')]);
    expect(await text(disk, 'a')).toBe('short');
    expect(disk.has('a')).toBe(true);
    await disk.sync('a');
    await disk.syncFolder('.');
  });

  it('creates a file once', async () => {
    const disk = await open();
    await disk.create('a', bytes('first'));
    const second = await disk.create('a', bytes('second')).catch(codeOf);
    expect(second).toBe('EEXIST');
    expect(await text(disk, 'a')).toBe('first');
  });

  it('lists, renames and removes files of a folder', async () => {
    const disk = await open();
    await disk.makeFolder('inner');
    await disk.makeFolder('inner');
    await disk.write('inner/a', [bytes('a')]);
    await disk.write('inner/b', [bytes('b')]);
    await disk.rename('inner/a', 'inner/b');
    expect(await disk.list('inner')).toEqual(['b']);
    expect(await text(disk, 'inner/b')).toBe('a');
    await disk.remove('inner/b');
    expect(await disk.list('inner')).toEqual([]);
    expect(await disk.rename('inner/a', 'inner/b').catch(codeOf)).toBe('ENOENT');
    expect(await disk.sync('inner/a').catch(codeOf)).toBe('ENOENT');
    await disk.syncFolder('inner');
  });

  it('appends to a file that is there, and to the same file when its name is given away', async () => {
    const disk = await open();
    await disk.write('a', [bytes('1')]);
    const file = disk.openAppend('a');
    file.append(bytes('2'));
    expect(await text(disk, 'a')).toBe('12');
    await disk.write('b', [bytes('other')]);
    await disk.rename('b', 'a');
    file.append(bytes('3'));
    await file.sync();
    expect(await text(disk, 'a')).toBe('other');
    file.close();
    expect(() => file.append(bytes('4'))).toThrow(/EBADF|bad file descriptor/);
  });

  it('appends to a file that is not there yet', async () => {
    const disk = await open();
    const file = disk.openAppend('a');
    file.append(bytes('1'));
    expect(await text(disk, 'a')).toBe('1');
    file.close();
  });
}
