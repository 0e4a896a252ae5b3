import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { watchFile } from '../watched-file.js';
import { mintJoinToken } from './join-token.js';
import { changeJoinTokens, parseJoinTokens, readJoinTokens } from './join-token-file.js';

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-tokens-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const mint = () => mintJoinToken('w', 1_000, Date.now());

describe('the file of join tokens', () => {
  it('is created with the first token, readable only by its owner, and contains no secret', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'tokens.json');
    const [one, other] = [mint(), mint()];
    await changeJoinTokens(path, (records) => [...records, one.record]);
    await changeJoinTokens(path, (records) => [...records, other.record]);
    expect(await readJoinTokens(path)).toEqual([one.record, other.record]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['tokens.json']);
    expect(readFileSync(path, 'utf8')).not.toContain(one.token.split('.')[2]);
  });

  it('stays as it was when a change fails', async () => {
    const path = join(emptyFolder(), 'tokens.json');
    await expect(
      changeJoinTokens(path, () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, 'nonsense');
    await expect(changeJoinTokens(path, (records) => records)).rejects.toMatchObject({
      code: 'credentials-unreadable',
    });
    expect(readFileSync(path, 'utf8')).toBe('nonsense');
  });

  it('is refused by name when it is anything else', () => {
    const { record } = mint();
    const entry = fc.record(
      Object.fromEntries(
        Object.entries(record).map(([name, value]) => [
          name,
          fc.oneof(fc.constant(value), fc.jsonValue()),
        ]),
      ),
    );
    const tokens = fc.oneof(fc.array(entry), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          tokens.map((t) => JSON.stringify({ tokens: t })),
        ),
        (text) => {
          try {
            for (const { id, sha256 } of parseJoinTokens(text, 'f')) {
              expect(id).toMatch(/^[0-9a-f]{8}$/);
              expect(sha256).toMatch(/^[0-9a-f]{64}$/);
            }
          } catch (error) {
            expect(error).toMatchObject({ code: 'credentials-unreadable' });
          }
        },
      ),
    );
  });
});

describe('a watched file', () => {
  it('is read again when it has changed, and keeps its content while it cannot be read', async () => {
    const path = join(emptyFolder(), 'tokens.json');
    const [one, other] = [mint(), mint()];
    await changeJoinTokens(path, () => [one.record]);
    const file = await watchFile(path, readJoinTokens);
    expect(await file.refresh()).toBe(false);
    await changeJoinTokens(path, (records) => [...records, other.record]);
    expect(await file.refresh()).toBe(true);
    expect(file.content).toEqual([one.record, other.record]);
    writeFileSync(path, '{');
    await expect(file.refresh()).rejects.toMatchObject({ code: 'credentials-unreadable' });
    expect(await file.refresh()).toBe(false); // told once
    expect(file.content).toHaveLength(2);
    rmSync(path);
    await expect(file.refresh()).rejects.toMatchObject({ code: 'credentials-unreadable' });
    expect(file.content).toHaveLength(2);
    await changeJoinTokens(path, () => []);
    expect(await file.refresh()).toBe(true);
    expect(file.content).toEqual([]);
  });
});
