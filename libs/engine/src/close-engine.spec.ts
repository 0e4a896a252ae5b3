import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const PROGRAM = `
import { startEngine } from '${new URL('../dist/index.js', import.meta.url).href}';
const engine = await startEngine({ threads: 1 });
const ask = () => engine.run('memory', undefined).catch(() => undefined);
const results = Array.from({ length: 200 }, ask);
await results[0];
await engine.close();
console.log('closed');
`;

it('closes an engine whose results still arrive, before the process exits', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-engine-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'close.mjs');
  writeFileSync(program, PROGRAM);
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(stdout).toBe('closed\n');
});
