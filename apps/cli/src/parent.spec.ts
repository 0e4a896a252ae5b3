import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { beforeAll, expect, it } from 'vitest';
import { CHILD, FILTERED } from './parent.js';

let child: string;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-parent-'));
  child = join(folder, 'child.mjs');
  writeFileSync(
    child,
    `import { hasParent, isFiltered } from './parent.js';
     process.send({ hasParent: hasParent(), isFiltered: isFiltered() }, () => process.disconnect());`,
  );
  await build({
    input: fileURLToPath(new URL('parent.ts', import.meta.url)),
    platform: 'node',
    output: { file: join(folder, 'parent.js') },
    logLevel: 'warn',
  });
  return () => rmSync(folder, { recursive: true });
});

it.each([
  ['a process manager', undefined, { hasParent: false, isFiltered: false }],
  ['Lockstep, for a run', CHILD, { hasParent: true, isFiltered: false }],
  ['Lockstep, to filter its stderr', FILTERED, { hasParent: false, isFiltered: true }],
])('a process started over a channel by %s knows so', async (_, argv0, expected) => {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  const started = spawn(process.execPath, [child], {
    stdio: [...stdio],
    ...(argv0 ? { argv0 } : {}),
  });
  const [message] = (await once(started, 'message')) as [unknown];
  expect(message).toEqual(expected);
});
