import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { EndedSessions } from './ended-sessions.js';

const soon = Date.now() + 600_000;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lockstep-ended-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

it('survive a restart, until they would have expired, and leave nothing else behind', async () => {
  const at = folder();
  const path = join(at, 'ended');
  const ended = await EndedSessions.open(path);
  await ended.add({ id: 'a', until: soon });
  await ended.add({ id: 'b', until: Date.now() - 1 });
  expect(readdirSync(at)).toEqual(['ended']);
  const next = await EndedSessions.open(path);
  expect([next.has('a'), next.has('b'), next.has('c')]).toEqual([true, false, false]);
});

it('of coordinators that share a folder are kept together', async () => {
  const path = join(folder(), 'ended');
  const [one, other] = [await EndedSessions.open(path), await EndedSessions.open(path)];
  await one.add({ id: 'a', until: soon });
  await other.add({ id: 'b', until: soon });
  const next = await EndedSessions.open(path);
  expect([next.has('a'), next.has('b')]).toEqual([true, true]);
});

it('are bounded in number, in memory and in the file', async () => {
  const path = join(folder(), 'ended');
  for (const at of [undefined, path]) {
    const ended = await EndedSessions.open(at, 3);
    for (const id of ['a', 'b', 'c', 'd']) await ended.add({ id, until: soon });
    expect(['a', 'b', 'c', 'd'].filter((id) => ended.has(id))).toEqual(['b', 'c', 'd']);
  }
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
});
