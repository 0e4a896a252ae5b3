import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { freePort } from './harness/free-port.js';
import { LOCKSTEP } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';
import { findTlsRedis } from './harness/tls-redis.js';
import { until } from './harness/until.js';

const SECURITY = fileURLToPath(new URL('../../../docs/security.md', import.meta.url));
const program = await findTlsRedis();
const why = program === undefined ? ' (skipped: no Redis here was built with TLS)' : '';

/** The commands of a chapter, one after another. */
function commandsOf(chapter: string): string {
  const [, rest = ''] = readFileSync(SECURITY, 'utf8').split(`## ${chapter}\n`);
  const [own = ''] = rest.split('\n## ');
  return [...own.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block).join('\n');
}

/** Waits until a server accepts connections there. */
const listening = (port: number): string =>
  `for n in $(seq 600); do (: </dev/tcp/127.0.0.1/${port}) 2>/dev/null && break; sleep 0.1; done`;

/** As typed on several machines: here each that stays has a shell's background, and its own port. */
async function onThisMachine(commands: string): Promise<string> {
  const [redis, grpc, http] = [await freePort(), await freePort(), await freePort()];
  return commands
    .replaceAll('10.0.0.1', '127.0.0.1')
    .replace(/\b6379\b/g, String(redis))
    .replace(/\b5050\b/g, String(grpc))
    .replace(/\b8443\b/g, String(http))
    .replace(/^lockstep (?:coordinator|worker) (?:.*\\\n)*.*$/gm, '$& &')
    .replace(/^redis-server (?:.*\\\n)*.*$/gm, `$& &\n${listening(redis)}`);
}

describe.skipIf(program === undefined)(`the commands of docs/security.md${why}`, () => {
  it('set up a cluster that trains', async () => {
    const sandbox = createSandbox();
    const path = (name: string): string => join(sandbox.folder, name);
    const commands = await onThisMachine(commandsOf('Setting up a cluster'));
    const [setUp = '', status = ''] = commands.split(/^(?=lockstep status )/m);
    expect(setUp).toContain(' &');
    expect(status).toContain('--token-file');
    const programs = `lockstep() { '${process.execPath}' '${LOCKSTEP}' "$@"; }
      redis-server() { '${program}' "$@" --set-proc-title no --dir '${sandbox.folder}' >redis.log; }
      set -e`;
    const environment = {
      ...{ PATH: process.env['PATH'] ?? '', TMPDIR: sandbox.temporary },
      ...{ LOCKSTEP_DATA: inject('smallData'), LOCKSTEP_OUT: sandbox.runs },
      ...{ LOCKSTEP_STEPS: '5', LOCKSTEP_BATCH: '20', LOCKSTEP_SHARD_SIZE: '10' },
      LOCKSTEP_SUPERVISED: 'true',
    };
    const run = async (script: string): Promise<{ code: number | null; said: string }> => {
      writeFileSync(path('script.sh'), `${programs}\n${script}`);
      const shell = spawn('bash', [path('script.sh')], {
        ...{ cwd: sandbox.folder, env: environment, stdio: ['ignore', 'pipe', 'inherit'] },
      });
      const code = new Promise<number | null>((resolve) => shell.once('exit', resolve));
      const said = shell.stdout ? text(shell.stdout) : '';
      return { code: await code, said: await said };
    };
    // A process that keeps running would keep a pipe open, so its output goes to a file.
    const begun = await run(`exec >out.log 2>err.log\n${setUp}`);
    expect(begun.code, readFileSync(path('err.log'), 'utf8')).toBe(0);
    await until('the run has finished', async () => {
      const { code, said } = await run(`exec 2>status.log\n${status}`);
      return code === 0 && said.includes('finished');
    }).catch((error: unknown) => {
      throw new Error(
        ['err.log', 'status.log'].map((name) => readFileSync(path(name), 'utf8')).join('\n'),
        { cause: error },
      );
    });
    for (const name of ['rack-4.token', 'admin.token', 'redis.password', 'users.acl']) {
      expect(statSync(path(name)).mode & 0o077, name).toBe(0);
    }
  });
});
