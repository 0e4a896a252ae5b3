import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeJoinTokens, mintJoinToken } from '@lockstep/security';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeShell } from '../steps/testing/make-shell.js';
import { keepAccess, openAccess } from './open-access.js';

const HOUR = 3_600_000;
const LOCAL = { grpc: '127.0.0.1:0' };

/** Workers with these tokens, and those that were removed, with the reason. */
async function start(lives: Readonly<Record<string, number>>) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-access-'));
  const path = join(folder, 'join-tokens.json');
  const minted = Object.entries(lives).map(([name, ms]) => mintJoinToken(name, ms, Date.now()));
  await changeJoinTokens(path, () => minted.map(({ record }) => record));
  const access = await openAccess({ ...LOCAL, joinTokens: path });
  const sentAway = new Map<string, string>();
  const { steps, workers } = makeShell({
    emit: (event) => {
      if (event.event === 'worker' && event.state === 'lost') sentAway.set(event.id, event.reason);
    },
  });
  for (const { record } of minted) {
    const process = { host: 'h', pid: 1, backend: 'native', local: false };
    steps.join({ id: record.name, ...process, holder: record.id });
  }
  const alarms: string[] = [];
  const stop = keepAccess(access, { steps, workers }, (message) => alarms.push(message));
  onTestFinished(() => {
    stop();
    rmSync(folder, { recursive: true });
  });
  return { path, sentAway, alarms, minted };
}

const patience = { timeout: 20_000 };

describe('while a run is led', () => {
  it('a worker goes when its token is revoked, removed or expires, and no other', async () => {
    const { path, sentAway } = await start({ a: HOUR, b: HOUR, c: 1_500, stays: HOUR });
    await changeJoinTokens(path, (records) =>
      records.flatMap((record) => {
        if (record.name === 'b') return [];
        if (record.name !== 'a') return [record];
        return [{ ...record, revokedAt: new Date().toISOString() }];
      }),
    );
    await vi.waitFor(() => expect([...sentAway.keys()].sort()).toEqual(['a', 'b', 'c']), patience);
    expect(sentAway.get('a')).toContain('was revoked');
    expect(sentAway.get('b')).toContain('is not there any more');
    expect(sentAway.get('c')).toContain('expired');
  });

  it('a file of tokens that cannot be read changes nothing, and raises one alarm', async () => {
    const { path, sentAway, alarms, minted } = await start({ a: HOUR, b: HOUR });
    writeFileSync(path, '{');
    await vi.waitFor(() => expect(alarms).toHaveLength(1), patience);
    expect(sentAway.size).toBe(0);
    const [, b] = minted;
    await changeJoinTokensAnew(path, b ? [b.record] : []);
    await vi.waitFor(() => expect([...sentAway.keys()]).toEqual(['a']), patience);
    expect(alarms).toHaveLength(1);
  });
});

async function changeJoinTokensAnew(
  path: string,
  records: Parameters<Parameters<typeof changeJoinTokens>[1]>[0],
): Promise<void> {
  rmSync(path);
  await changeJoinTokens(path, () => records);
}
