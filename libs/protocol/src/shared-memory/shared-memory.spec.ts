import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { patternBytes } from '../testing/start-protocol.js';
import { PeerMemory, SharedMemory } from './shared-memory.js';

const KB = 1024;
const MB = KB * KB;

interface Told {
  readonly pid: number;
  readonly descriptor: number;
  readonly key: number[];
  readonly span: { readonly offset: number; readonly length: number };
}

/** On a machine with 1 GB of free memory by default, so that the limit has no effect. */
function shared(freeBytes = 1024 * MB): SharedMemory {
  const memory = SharedMemory.create(freeBytes);
  if (!memory) throw new Error('this system has no shared memory');
  onTestFinished(() => memory.close());
  return memory;
}

describe.runIf(process.platform === 'linux')('shared memory', () => {
  it('transmits payloads, separately in each region', () => {
    const memory = shared();
    const peer = PeerMemory.open(memory.offer);
    const payloads = [20 * KB, 700 * KB, 16 * KB + 1, 4 * MB].map(patternBytes);
    const regions = [0, 1].map((index) => memory.region(index, 5 * MB, false));
    const spans = payloads.map((payload, i) => regions[i % 2]?.write(payload));
    payloads.forEach((payload, i) => {
      const into = new Uint8Array(payload.length);
      const span = spans[i];
      expect(span && peer?.read(span, into)).toBe(true);
      expect(Buffer.compare(into, payload)).toBe(0);
    });
    peer?.close();
  });

  it('refuses payloads that are too small or too large', () => {
    const memory = shared();
    const stack = memory.region(0, 8 * MB, false);
    const sizes = [16 * KB - 1, 8 * MB + 1, 5 * MB, 3 * MB + 1, 3 * MB];
    const isWritten = sizes.map((size) => stack.write(patternBytes(size)) !== undefined);
    expect(isWritten).toEqual([false, false, true, false, true]);
    const ring = memory.region(1, 8 * MB, true);
    expect(ring.write(patternBytes(MB + 1))).toBeUndefined();
    expect(ring.write(patternBytes(MB))).toBeDefined();
  });

  it('takes at most an eighth of the free memory', () => {
    const region = shared(8 * MB).region(0, 64 * MB, false);
    const isWritten = [MB / 2, MB / 2, 16 * KB].map((size) => region.write(patternBytes(size)));
    expect(isWritten.map((span) => span !== undefined)).toEqual([true, true, false]);
    expect(
      shared(0)
        .region(0, MB, true)
        .write(patternBytes(20 * KB)),
    ).toBeUndefined();
  });

  it('writes nothing once it is closed, since the descriptor may belong to another file by then', () => {
    const memory = shared();
    const region = memory.region(0, MB, false);
    memory.close();
    memory.close();
    expect(region.write(patternBytes(20 * KB))).toBeUndefined();
  });

  it('wraps around, and takes no more memory than its size', () => {
    const ring = shared().region(0, 8 * MB, true);
    const offsets = Array.from({ length: 20 }, () => ring.write(patternBytes(MB))?.offset ?? -1);
    expect(new Set(offsets).size).toBe(8);
    expect(Math.max(...offsets) - Math.min(...offsets)).toBe(7 * MB);
    ring.rewind();
    expect(ring.write(patternBytes(MB))?.offset).toBe(Math.min(...offsets));
  });

  it('reads nothing outside the file, or once it is closed', () => {
    const memory = shared();
    const peer = PeerMemory.open(memory.offer);
    const span = memory.region(0, MB, false).write(patternBytes(20 * KB)) ?? {
      offset: 0,
      length: 0,
    };
    const into = new Uint8Array(span.length);
    expect(peer?.read({ ...span, offset: span.offset + 1 }, into)).toBe(false);
    expect(peer?.read(span, into.subarray(1))).toBe(false);
    expect(peer?.read(span, into)).toBe(true);
    peer?.close();
    peer?.close();
    expect(peer?.read(span, into)).toBe(false);
  });

  it('is not found with a wrong key, and never in a linked file', () => {
    const { offer } = shared();
    expect(PeerMemory.open({ ...offer, key: Buffer.alloc(16) })).toBeUndefined();
    expect(PeerMemory.open({ ...offer, key: Buffer.alloc(0) })).toBeUndefined();
    expect(PeerMemory.open({ ...offer, pid: 2 ** 31 })).toBeUndefined();
    expect(PeerMemory.open({ ...offer, descriptor: 999_999 })).toBeUndefined();
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-'));
    writeFileSync(join(folder, 'secret'), offer.key);
    const descriptor = openSync(join(folder, 'secret'), 'r');
    expect(PeerMemory.open({ ...offer, descriptor })).toBeUndefined();
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
    expect(PeerMemory.open(offer)).toBeDefined();
  });

  it('of another process can be read, and nothing remains of it when that is killed', async () => {
    const library = fileURLToPath(
      new URL('../../dist/shared-memory/shared-memory.js', import.meta.url),
    );
    const script = `
      const { SharedMemory } = await import(process.argv[1]);
      const memory = SharedMemory.create();
      const span = memory.region(0, 2 ** 20, false).write(new Uint8Array(20_000).fill(7));
      const { pid, descriptor, key } = memory.offer;
      console.log(JSON.stringify({ pid, descriptor, key: [...key], span }));
      setInterval(() => undefined, 1_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, library]);
    const killed = once(child, 'exit');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { key, span, ...place } = JSON.parse(line.toString()) as Told;
    const peer = PeerMemory.open({ ...place, key: Buffer.from(key) });
    child.kill('SIGKILL');
    await killed;
    const into = new Uint8Array(span.length);
    expect(peer?.read(span, into)).toBe(true);
    expect(into.every((byte) => byte === 7)).toBe(true);
    peer?.close();
    expect(readdirSync('/dev/shm').filter((name) => name.startsWith('lockstep-'))).toEqual([]);
  });
});
