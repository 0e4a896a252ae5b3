import { copyFileSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { lockstep, type StartOptions } from './harness/lockstep.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';

const BAD_INPUT = 2;

/** Starts `lockstep …`, which must refuse in one message and leave nothing. @returns the message */
async function refused(
  sandbox: Sandbox,
  args: readonly string[],
  options: StartOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await lockstep(
    sandbox,
    [...args, '--out', sandbox.runs, '--json'],
    options,
  );
  expect(stderr.match(/^error /gm) ?? []).toHaveLength(1);
  expect(stderr).toContain('what to do:');
  expect(stderr).not.toMatch(/^\s+at |not started again|"level":/m);
  expect(stdout.replace(/^{"event":"listening".*\n/m, '')).toBe('');
  expect(code).toBe(BAD_INPUT);
  expect(sandbox.runNames()).toEqual([]);
  await sandbox.empty();
  return stderr;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('bad input is refused before any work, all of it at once', () => {
  it('unknown options and bad values', async () => {
    const args = [
      '--lerning-rate',
      '0.1',
      '--batch',
      'many',
      '--keep-prob',
      '2',
      '--numerics',
      'loose',
    ];
    const environment = { LOCKSTEP_SEED: '-1', LOCKSTEP_STEPZ: '5' };
    const message = await refused(createSandbox(), ['train', ...args], { environment });
    for (const part of [
      'unknown option --lerning-rate; did you mean --learning-rate?\n',
      'unknown variable LOCKSTEP_STEPZ; did you mean LOCKSTEP_STEPS?',
      '--batch must be a whole number',
      '--keep-prob must be at most 1',
      '--numerics must be one of strict, tolerant',
      'LOCKSTEP_SEED must be at least 0',
    ]) {
      expect(message).toContain(part);
    }
  });

  it('a command that does not exist', async () => {
    const { code, stderr } = await lockstep(createSandbox(), ['trian']);
    expect(stderr).toContain('unknown command trian; did you mean train?');
    expect(code).toBe(BAD_INPUT);
  });

  it('no workers, where no others can join either', async () => {
    const message = await refused(createSandbox(), ['train', '--workers', '0']);
    expect(message).toContain('--workers 0 with an embedded Redis');
  });

  it('an HTTP port that is taken, where it was given', async () => {
    const port = await listening(createServer());
    const http = ['--http', `127.0.0.1:${port}`, '--data', inject('smallData')];
    expect(await refused(createSandbox(), ['train', ...http])).toContain('port-in-use');
  });

  it('a data folder that is not there', async () => {
    const message = await refused(createSandbox(), ['train', '--data', 'no/such/folder']);
    expect(message).toMatch(/data-not-found .*no\/such\/folder/);
  });

  it('damaged data', async () => {
    const sandbox = createSandbox();
    const folder = join(sandbox.folder, 'MNIST_data');
    mkdirSync(folder);
    for (const name of readdirSync(inject('smallData'))) {
      copyFileSync(join(inject('smallData'), name), join(folder, name));
    }
    truncateSync(join(folder, 'train-labels-idx1-ubyte'), 1_000);
    const message = await refused(sandbox, ['train', '--data', 'MNIST_data']);
    expect(message).toMatch(/data-damaged .*train-labels-idx1-ubyte/);
  });

  it('a gRPC port that is taken', async () => {
    const port = await listening(createServer());
    const data = ['--data', inject('smallData')];
    const grpc = ['--grpc', `127.0.0.1:${port}`];
    const message = await refused(createSandbox(), ['train', ...data, ...grpc]);
    expect(message).toMatch(new RegExp(`port-in-use .*127.0.0.1:${port}`));
  });

  it('REDIS_URL where nothing listens', async () => {
    const environment = { REDIS_URL: `redis://:secret@127.0.0.1:${await closedPort()}` };
    const message = await refused(createSandbox(), ['train'], { environment });
    expect(message).toContain('redis-unreachable the Redis at redis://127.0.0.1:');
    expect(message).not.toContain('secret');
  });

  it('REDIS_URL of a web server', async () => {
    const port = await listening(createHttpServer((_, reply) => reply.end('hello')));
    const environment = { REDIS_URL: `redis://127.0.0.1:${port}` };
    const message = await refused(createSandbox(), ['train'], { environment });
    expect(message).toContain('not-redis');
  });

  it('a batch larger than the data', async () => {
    const args = ['--data', inject('smallData'), '--batch', '2001'];
    const message = await refused(createSandbox(), ['train', ...args]);
    expect(message).toMatch(/--batch 2001 .*2000 training samples/);
  });

  it('an unknown model', async () => {
    const args = ['--data', inject('smallData'), '--model', 'no-such-model'];
    const message = await refused(createSandbox(), ['train', ...args]);
    expect(message).toMatch(/model-not-found .*no-such-model/);
  });

  it.each([
    ['train', '--resume', 'no-such-run'],
    ['evaluate', 'no-such-run'],
    ['predict', 'no-such-run', 'picture.png'],
  ])('an unknown run: %s %s %s', async (...args) => {
    const message = await refused(
      createSandbox(),
      args.filter((each) => each !== undefined),
    );
    expect(message).toMatch(/run-not-found .*no-such-run/);
  });

  it('a config file that cannot be read, or contains an unknown option', async () => {
    const sandbox = createSandbox();
    const file = join(sandbox.folder, 'lockstep.config.json');
    writeFileSync(file, '{ "steps": 3, ');
    expect(await refused(sandbox, ['train'])).toContain('config-unreadable');
    writeFileSync(file, JSON.stringify({ steps: 0, stepps: 4 }));
    const message = await refused(sandbox, ['train']);
    expect(message).toContain('steps in lockstep.config.json must be at least 1');
    expect(message).toContain('unknown option stepps in lockstep.config.json; did you mean steps?');
  });

  it('a config module that throws', async () => {
    const sandbox = createSandbox();
    writeFileSync(join(sandbox.folder, 'lockstep.config.ts'), 'throw new Error("not today");');
    const message = await refused(sandbox, ['train']);
    expect(message).toMatch(/config-unreadable .*lockstep\.config\.ts: .*not today/);
  });
});
