import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import xterm from '@xterm/headless';
import { afterEach, describe, expect, it } from 'vitest';
import { createLiveLine, type Draw, type LiveLine } from './live-line.js';

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

/** A terminal, two streams that show on it, and what is on its screen. */
function screen(columns: number) {
  const terminal = new xterm.Terminal({ cols: columns, rows: 12, allowProposedApi: true });
  let shown = Promise.resolve();
  const stream = () =>
    Object.assign(new EventEmitter(), {
      isTTY: true,
      columns,
      write: (text: unknown): boolean => {
        // A terminal's driver turns each line feed into a return and a line feed.
        const raw = String(text).replaceAll('\n', '\r\n');
        shown = shown.then(() => new Promise<void>((done) => terminal.write(raw, done)));
        return true;
      },
    }) as unknown as NodeJS.WriteStream;
  const [out, err] = [stream(), stream()];
  const lines = async (): Promise<string[]> => {
    await shown;
    const { active } = terminal.buffer;
    const all = Array.from({ length: active.length }, (_, row) =>
      (active.getLine(row)?.translateToString(true) ?? '').trimEnd(),
    );
    return all.filter((line) => line !== '');
  };
  const resize = async (to: number): Promise<void> => {
    await shown;
    terminal.resize(to, 12);
    for (const each of [out, err]) {
      each.columns = to;
      each.emit('resize');
    }
  };
  const live = (environment: NodeJS.ProcessEnv = {}): LiveLine | undefined => {
    const line = createLiveLine(out, [out, err], environment);
    if (line) ends.push(line.end);
    return line;
  };
  return { out, err, lines, resize, live };
}

const full: Draw = (columns) => 'x'.repeat(columns);

describe('a live line', () => {
  it('stays below what either stream prints, whatever the width', async () => {
    const { out, err, lines, live } = screen(20);
    const line = live();
    line?.show(full);
    out.write('one\n');
    err.write('a warning that is wider than the terminal\n');
    out.write('two 数字\nthree\n');
    expect(await lines()).toEqual([
      'one',
      'a warning that is wi',
      'der than the termina',
      'l',
      'two 数字',
      'three',
      'x'.repeat(19),
    ]);
    line?.end();
    out.write('end\n');
    expect((await lines()).slice(-2)).toEqual(['three', 'end']);
  });

  it('waits for the end of a line that is written in pieces', async () => {
    const { out, lines, live } = screen(20);
    live()?.show(full);
    out.write('one, ');
    expect(await lines()).toEqual(['one,']);
    out.write('');
    out.write('two\n');
    expect(await lines()).toEqual(['one, two', 'x'.repeat(19)]);
  });

  it('is erased whole after a resize to fewer columns, and uses more', async () => {
    const { out, lines, resize, live } = screen(20);
    live()?.show(full);
    out.write('one\n');
    await resize(7);
    expect(await lines()).toEqual(['one', 'x'.repeat(6)]);
    await resize(30);
    expect(await lines()).toEqual(['one', 'x'.repeat(29)]);
  });

  it('shows the newest of many changes', async () => {
    const { lines, live } = screen(20);
    const line = live();
    for (const text of ['a', 'b', 'c']) line?.show(() => `step ${text}`);
    await expect.poll(lines).toEqual(['step c']);
  });

  it('gives the streams back when it ends, and draws no more', async () => {
    const { out, err, lines, live } = screen(20);
    const before = [out.write, err.write];
    const line = live();
    line?.show(() => 'one');
    line?.show(() => 'two');
    line?.end();
    expect([out.write, err.write]).toEqual(before);
    await delay(200);
    expect(await lines()).toEqual([]);
  });

  it.each([{ TERM: 'dumb' }, { CI: 'true' }])('is none with %j', (environment) => {
    expect(screen(20).live(environment)).toBeUndefined();
  });

  it('is none on what is no terminal', () => {
    const { out } = screen(20);
    out.isTTY = false;
    expect(createLiveLine(out, [out], {})).toBeUndefined();
  });
});
