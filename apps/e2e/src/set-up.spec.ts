import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

const SCRIPTS = fileURLToPath(new URL('../../../scripts', import.meta.url));

/** A clone with one development package in its lock, and an npm that installs it. */
interface Clone {
  readonly folder: string;
  /** Runs a set-up step. @returns its output */
  step(code: string, environment?: NodeJS.ProcessEnv): Promise<string>;
  /** The arguments of each call of npm. */
  npmCalls(): readonly { args: string; NODE_ENV?: string; HOME?: string; https_proxy?: string }[];
}

const INSTALL = "await (await import('./scripts/packages.mjs')).ensurePackages()";
const REPAIR = `await (await import('./scripts/environment.mjs')).repairEnvironment();
  console.log(JSON.stringify(process.env))`;

/** Records its arguments and environment, and does what \`npm ci\` does. */
const FAKE_NPM = `#!${process.execPath}
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { NODE_ENV, HOME, https_proxy } = process.env;
const args = process.argv.slice(2).join(' ');
appendFileSync('npm-calls', JSON.stringify({ args, NODE_ENV, HOME, https_proxy }) + '\\n');
for (const name of ['builder', 'native-here']) {
  mkdirSync('node_modules/' + name, { recursive: true });
  writeFileSync('node_modules/' + name + '/package.json', '{}');
}
writeFileSync('node_modules/.package-lock.json', readFileSync('package-lock.json'));
`;

function createClone(): Clone {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-clone-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'scripts'));
  mkdirSync(join(folder, 'bin'));
  for (const name of readdirSync(SCRIPTS)) {
    copyFileSync(join(SCRIPTS, name), join(folder, 'scripts', name));
  }
  writeFileSync(join(folder, 'bin', 'npm'), FAKE_NPM);
  chmodSync(join(folder, 'bin', 'npm'), 0o755);
  const optional = { version: '1.0.0', optional: true };
  const packages = {
    '': {},
    'node_modules/builder': { version: '1.0.0', dev: true },
    'node_modules/native-here': { ...optional, os: [process.platform], cpu: [process.arch] },
    'node_modules/native-elsewhere': { ...optional, os: ['plan9'], cpu: ['vax'] },
  };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
  const calls = join(folder, 'npm-calls');
  return {
    folder,
    step: async (code, environment = {}) => {
      const env = { HOME: folder, ...environment, PATH: join(folder, 'bin') };
      const args = ['--input-type=module', '--eval', code];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
        cwd: folder,
        env,
      });
      return stdout + stderr;
    },
    npmCalls: () => {
      const lines = readFileSync(calls, { encoding: 'utf8', flag: 'a+' }).trim().split('\n');
      return lines.filter(Boolean).map((line) => JSON.parse(line) as { args: string });
    },
  };
}

describe('set-up', () => {
  it('installs development packages in spite of NODE_ENV and npm’s configuration', async () => {
    const clone = createClone();
    const said = await clone.step(INSTALL, {
      NODE_ENV: 'production',
      npm_config_omit: 'dev',
      npm_config_production: 'true',
    });
    expect(said).toContain('npm ci (nothing is installed)');
    const [call] = clone.npmCalls();
    expect(call?.NODE_ENV).toBeUndefined();
    for (const option of ['ci', '--include=dev', '--include=optional', '--ignore-scripts']) {
      expect(call?.args.split(' ')).toContain(option);
    }
    expect(await clone.step(INSTALL, { NODE_ENV: 'production' })).toBe('');
    expect(clone.npmCalls()).toHaveLength(1);
  });

  it.each(['builder', 'native-here'])('installs again when %s is missing', async (name) => {
    const clone = createClone();
    await clone.step(INSTALL);
    rmSync(join(clone.folder, 'node_modules', name), { recursive: true });
    expect(await clone.step(INSTALL)).toContain(`npm ci (${name} is missing)`);
    expect(await clone.step(INSTALL)).toBe('');
    expect(clone.npmCalls()).toHaveLength(2);
  });
});

describe('the environment of set-up and tests', () => {
  it.each([{ HOME: '/' }, { HOME: '/nonexistent/home' }])(
    'has a home in the clone instead of %o',
    async (environment) => {
      const clone = createClone();
      const said = await clone.step(REPAIR, environment);
      const home = join(clone.folder, '.lockstep', 'home');
      expect(said).toContain(`"HOME":"${home}"`);
      expect(said).toContain(`no usable home folder: ${home}`);
    },
  );

  it('leaves out the cache that npm derived from an unusable home, and keeps a chosen one', async () => {
    const derived = { HOME: '/', npm_config_cache: '/.npm', npm_config_userconfig: '/.npmrc' };
    const said = await createClone().step(REPAIR, derived);
    expect(said).not.toContain('npm_config_');
    const chosen = await createClone().step(REPAIR, { HOME: '/', npm_config_cache: '/srv/cache' });
    expect(chosen).toContain('"npm_config_cache":"/srv/cache"');
  });

  it('has a temporary folder that can be written', async () => {
    const said = await createClone().step(REPAIR, { TMPDIR: '/nonexistent' });
    expect(said).toContain('"TMPDIR":"/tmp"');
    expect(said).toContain('TMPDIR is /nonexistent');
  });

  it('keeps a proxy that answers, and leaves out one that refuses connections', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const proxy = `http://user:secret@127.0.0.1:${port}`;
    const proxies = { http_proxy: proxy, npm_config_https_proxy: proxy, NO_PROXY: '.local' };
    const clone = createClone();

    const kept = await clone.step(REPAIR, proxies);
    expect(kept).toContain(`"http_proxy":"${proxy}"`);
    expect(kept).not.toContain('set-up:');

    await new Promise((resolve) => server.close(resolve));
    const left = await clone.step(REPAIR, proxies);
    expect(left).toContain(`the proxy http://127.0.0.1:${port} of the environment does not answer`);
    expect(left).toContain('"NO_PROXY":".local"');
    expect(left).not.toMatch(/secret|"http_proxy"|"npm_config_https_proxy"/);
  });

  it('is as it was where nothing is wrong with it', async () => {
    const clone = createClone();
    const said = await clone.step(REPAIR, { NODE_ENV: 'production', TMPDIR: clone.folder });
    expect(said).toContain(`"HOME":"${clone.folder}"`);
    expect(said).toContain('"NODE_ENV":"production"');
    expect(said).not.toContain('set-up:');
  });
});
