import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram, runProgram } from './programs.js';

const path = process.env['PATH'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'programs-'));
  process.env['PATH'] = `${folder}:/nowhere`;
});

afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

describe('findProgram', () => {
  it('takes the first name that is there, executable and no folder', () => {
    writeFileSync(join(folder, 'plain'), '');
    writeFileSync(join(folder, 'tool'), '');
    chmodSync(join(folder, 'tool'), 0o755);
    expect(findProgram('missing', 'plain', 'tool')).toBe(join(folder, 'tool'));
  });

  it('finds nothing where there is nothing', () => {
    expect(findProgram('missing')).toBeUndefined();
  });
});

describe('runProgram', () => {
  const node = (script: string, timeoutMs = 20_000) =>
    runProgram(process.execPath, ['-e', script], { timeoutMs });

  it('returns the output of a program', async () => {
    expect(await node('console.log(1)')).toMatchObject({ ok: true, stdout: '1\n' });
  });

  it('gives the last line as the reason, without addresses, which may hold credentials', async () => {
    const script =
      'console.error("x\\nno index at https://me:secret@host/simple\\n"); process.exit(3)';
    const result = await node(script);
    expect(result).toMatchObject({ ok: false, lastLine: 'no index at <address>' });
  });

  it('ends a program that hangs', async () => {
    const result = await node('setInterval(() => 0, 1000)', 300);
    expect(result).toMatchObject({ ok: false, lastLine: 'no end after 0.3 s' });
  });

  it('reports a missing program', async () => {
    const result = await runProgram('/nowhere/tool', [], { timeoutMs: 1000 });
    expect(result.ok).toBe(false);
    expect(result.lastLine).toContain('ENOENT');
  });
});
