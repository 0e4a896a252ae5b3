import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyHowTo, copyCheckout, insertLines, readHowTo } from './harness/how-to.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const pages = join(root, 'docs', 'how-to');
const run = promisify(execFile);

let copy = '';
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'lockstep-how-to-'));
  copyCheckout(root, copy);
}, 120_000);
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('what the how-to pages say works', () => {
  it.each(readdirSync(pages))(
    '%s',
    async (page) => {
      const howTo = readHowTo(readFileSync(join(pages, page), 'utf8'));
      expect(howTo.files.length).toBeGreaterThan(0);
      expect(howTo.insertions.length).toBeGreaterThan(0);
      expect(howTo.commands.length).toBeGreaterThan(0);
      applyHowTo(howTo, copy);
      for (const command of howTo.commands) {
        await execute(command);
      }
    },
    300_000,
  );
});

/** @throws Error with what the command printed */
async function execute(command: string): Promise<void> {
  await run('bash', ['-euo', 'pipefail', '-c', command], { cwd: copy }).catch((error: unknown) => {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command}\n${stdout}${stderr}`, { cause: error });
  });
}

it('refuses lines that the page shows otherwise than the file has them', () => {
  expect(insertLines('a\nb\n', ' a\n+x\n b\n')).toBe('a\nx\nb\n');
  expect(() => insertLines('a\nc\n', ' a\n+x\n b\n')).toThrow('occur 0 times');
});
