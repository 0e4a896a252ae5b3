import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pipCommand, unpackWheel, WheelUnavailable } from './python-wheel.js';
import { wheelPins } from './wheel-pins.js';

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

const ADD_MEMBER = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'a') as wheel: wheel.writestr('tiny/bin/other', 'more')
`;

const WHEEL = 'tiny-1.0-py3-none-any.whl';

/** Makes the wheel that pip finds. @returns its pin */
function makeWheel(): Record<string, string> {
  execFileSync('python3', ['-c', MAKE_WHEEL, base]);
  const bytes = readFileSync(join(base, WHEEL));
  return { [WHEEL]: createHash('sha256').update(bytes).digest('hex') };
}

function request(requirement: string, members: string[], pins: Record<string, string>) {
  const pipOptions = ['--no-index', '--find-links', base];
  return { requirement, pins, members, pipOptions, timeoutMs: 60_000 };
}

describe.runIf(pipCommand() !== undefined)('unpackWheel', () => {
  it('unpacks the members asked for and removes the wheel', async () => {
    const pins = makeWheel();
    const folder = join(base, 'out');
    mkdirSync(folder);
    await unpackWheel(request('tiny==1.0', ['tiny/bin/'], pins), folder);
    expect(readdirSync(folder)).toEqual(['tiny']);
    expect(readdirSync(join(folder, 'tiny'))).toEqual(['bin']);
    expect(readFileSync(join(folder, 'tiny', 'bin', 'server'), 'utf8')).toBe('program');
  });

  it('refuses a file of the same name that has been changed', async () => {
    const pins = makeWheel();
    execFileSync('python3', ['-c', ADD_MEMBER, join(base, WHEEL)]);
    const folder = join(base, 'out');
    mkdirSync(folder);
    const tampered = unpackWheel(request('tiny==1.0', ['tiny/bin/'], pins), folder);
    await expect(tampered).rejects.toThrow(
      /^refused: .* SHA-256 [0-9a-f]{64}, which is not pinned$/,
    );
    await expect(tampered).rejects.toBeInstanceOf(WheelUnavailable);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses every file of a requirement without pins', async () => {
    makeWheel();
    const unpinned = unpackWheel(request('tiny==1.0', ['tiny/bin/'], {}), base);
    await expect(unpinned).rejects.toBeInstanceOf(WheelUnavailable);
  });

  it('reports why a wheel is not available', async () => {
    const absent = unpackWheel(
      request('no-such-thing==1.0', ['x'], { 'x.whl': 'a'.repeat(64) }),
      base,
    );
    await expect(absent).rejects.toThrow(/pip: .*no-such-thing/);
  });
});

describe('wheelPins', () => {
  it('name files of their requirement, each with a SHA-256', () => {
    for (const [requirement, pins] of Object.entries(wheelPins)) {
      const stem = requirement.replaceAll('-', '_').replace('==', '-');
      expect(Object.keys(pins).length).toBeGreaterThan(0);
      for (const [file, hash] of Object.entries(pins)) {
        expect(file.startsWith(`${stem}-`) && file.endsWith('.whl')).toBe(true);
        expect(hash).toMatch(/^[0-9a-f]{64}$/);
      }
    }
  });
});

describe('unpackWheel without pip', () => {
  it('says so', async () => {
    process.env['PATH'] = base;
    const attempt = unpackWheel(request('tiny==1.0', ['x'], {}), base);
    await expect(attempt).rejects.toBeInstanceOf(WheelUnavailable);
  });
});
