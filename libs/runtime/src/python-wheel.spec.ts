import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pipCommand, unpackWheel, WheelUnavailable } from './python-wheel.js';

const path = process.env['PATH'];
let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'wheel-'));
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(base, { recursive: true });
});

const MAKE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + '/tiny-1.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('tiny/bin/server', 'program')
    wheel.writestr('tiny/other', 'not wanted')
    wheel.writestr('tiny-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n')
    wheel.writestr('tiny-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('tiny-1.0.dist-info/RECORD', '')
`;

function request(requirement: string, members: string[]) {
  const pipOptions = ['--no-index', '--find-links', base];
  return { requirement, members, pipOptions, timeoutMs: 60_000 };
}

describe.runIf(pipCommand() !== undefined)('unpackWheel', () => {
  it('unpacks the members asked for and removes the wheel', async () => {
    execFileSync('python3', ['-c', MAKE_WHEEL, base]);
    const folder = join(base, 'out');
    mkdirSync(folder);
    await unpackWheel(request('tiny==1.0', ['tiny/bin/']), folder);
    expect(readdirSync(folder)).toEqual(['tiny']);
    expect(readdirSync(join(folder, 'tiny'))).toEqual(['bin']);
    expect(readFileSync(join(folder, 'tiny', 'bin', 'server'), 'utf8')).toBe('program');
  });

  it('reports why a wheel is not available', async () => {
    const absent = unpackWheel(request('no-such-thing==1.0', ['x']), base);
    await expect(absent).rejects.toThrow(/pip: .*no-such-thing/);
  });
});

describe('unpackWheel without pip', () => {
  it('says so', async () => {
    process.env['PATH'] = base;
    const attempt = unpackWheel(request('tiny==1.0', ['x']), base);
    await expect(attempt).rejects.toBeInstanceOf(WheelUnavailable);
  });
});
