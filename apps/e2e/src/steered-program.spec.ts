import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { inherited } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';
import { succeed } from './harness/succeed.js';

const library = new URL('../../../libs/lockstep/dist/index.js', import.meta.url);

it('a program pauses, scales and stops its run, whose HTTP API has a login and TLS of its own', async () => {
  const sandbox = createSandbox();
  const path = (name: string): string => join(sandbox.folder, name);
  await succeed(sandbox, 'certs', '--out', path('certs'));
  writeFileSync(path('admin'), await succeed(sandbox, 'token', 'secret'));
  writeFileSync(
    path('program.mjs'),
    `import { train } from ${JSON.stringify(library.href)};
    const run = await train({
      data: process.env.DATA, model: 'softmax', steps: 100000, workers: 1, http: '127.0.0.1:0',
      batch: 20, shardSize: 10, adminTokenFile: 'admin', tlsCert: 'certs/server.crt', tlsKey: 'certs/server.key',
    });
    const heard = [];
    const follow = async (wanted) => {
      for await (const event of run.events) if (wanted(event)) return event;
    };
    const isUnderWay = ({ event, step }) => event === 'step' && step === 3;
    await follow(isUnderWay);
    await run.pause();
    heard.push((await follow(({ state }) => state === 'paused')).state);
    await run.scale(2);
    heard.push((await follow(({ event }) => event === 'scaled')).workers);
    await run.scale(1e9).catch(({ code }) => heard.push(code));
    await run.resume();
    await run.stop();
    await run.stop();
    await run.result.catch(({ code }) => heard.push(code));
    await run.pause().catch(({ code }) => heard.push(code));
    console.log(JSON.stringify({ heard, isSecure: run.dashboard.startsWith('https:') }));`,
  );
  const printed = execFileSync(process.execPath, [path('program.mjs')], {
    ...{ cwd: sandbox.folder, encoding: 'utf8' },
    env: { ...inherited(), DATA: inject('smallData') },
  });
  expect(JSON.parse(printed)).toEqual({
    heard: ['paused', 2, 'bad-request', 'run-ended', 'run-ended'],
    isSecure: true,
  });
});
