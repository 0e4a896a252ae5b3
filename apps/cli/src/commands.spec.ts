import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flagOf } from '@lockstep/core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { commands } from './commands.js';
import { certs } from './commands/certs.js';
import { exportRun } from './commands/export.js';
import { token } from './commands/token.js';
import { everyOption } from './options/every-option.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const COMMON = ['help', 'version'];

/** Sources, pages and scripts that may name a command to users; the ledger hashes such a text. */
const files = execFileSync(
  'git',
  ['ls-files', '*.ts', '*.tsx', '*.mjs', '*.md', '*.yaml', '*.txt'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter(
    (path) =>
      path !== '' &&
      !/\.spec\.ts$|^CHANGELOG|\/testing\/|^apps\/e2e|\/store\/src\/ledger\.ts$/.test(path),
  );

/** `lockstep X …` as code: after a backtick, after npx, or at the beginning of a line of a page. */
const NAMED = /(?:`(?:npx )?|^\s*(?:npx )?)lockstep ([a-z][a-z-]*)([^`\n]*)/gm;
const STARTED = /npm start -- ([^`\n]*)/g;
const SCRIPT = /npm run ([a-z][\w:-]*)/g;

/** Without comments, and without the options of Node. */
const optionsIn = (text: string): string[] =>
  [...text.replace(/#.*|NODE_OPTIONS=\S+/g, '').matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(
    ([, flag = '']) => flag,
  );

async function optionsOf(command: string): Promise<readonly string[]> {
  const definition = await commands[command]?.();
  return [...COMMON, ...Object.keys(definition?.options ?? {}).map(flagOf)];
}

const scripts = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).scripts;
const everyFlag = [
  ...COMMON,
  ...[
    ...everyOption,
    ...Object.keys({ ...certs.options, ...exportRun.options, ...token.options }),
  ].map(flagOf),
];

/** What a file names that does not exist. */
async function missingIn(path: string): Promise<readonly string[]> {
  const text = readFileSync(join(root, path), 'utf8');
  const missing: string[] = [];
  for (const [, command = '', rest = ''] of text.matchAll(NAMED)) {
    const known = await optionsOf(command);
    if (!Object.hasOwn(commands, command)) missing.push(`${path}: lockstep ${command}`);
    else missing.push(...unknownFlags(rest, known).map((flag) => `${path}: ${command} ${flag}`));
  }
  for (const [, rest = ''] of text.matchAll(STARTED)) {
    missing.push(...unknownFlags(rest, await optionsOf('train')).map((flag) => `${path}: ${flag}`));
  }
  if (!path.endsWith('.ts')) return missing;
  for (const [, remedy = ''] of text.matchAll(/remedy:\s*((?:['"`]).*)/g)) {
    missing.push(...unknownFlags(remedy, everyFlag).map((flag) => `${path}: ${flag}`));
    for (const [, script = ''] of remedy.matchAll(SCRIPT)) {
      if (!Object.hasOwn(scripts, script)) missing.push(`${path}: npm run ${script}`);
    }
  }
  return missing;
}

function unknownFlags(text: string, known: readonly string[]): readonly string[] {
  return optionsIn(text).filter((flag) => !known.includes(flag));
}

it('every command, option and script that help, remedies and pages name exists', async () => {
  expect(files.length).toBeGreaterThan(300);
  expect((await Promise.all(files.map(missingIn))).flat()).toEqual([]);
}, 120_000);
