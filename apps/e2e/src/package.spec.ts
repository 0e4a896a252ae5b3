import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { inherited } from './harness/lockstep.js';
import { processesOf } from './harness/processes.js';
import { REFERENCE } from './harness/reference-run.js';
import { referenceSha256 } from './harness/train.js';
import { until } from './harness/until.js';
import { nodeRelease } from './node-releases.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const MOST_BYTES = 5_000_000;
const run = promisify(execFile);

/** A project that has installed the package, outside every clone. */
let project: string;
let tarball: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'lockstep-package-'));
  await run(process.execPath, ['scripts/pack.mjs', project], { cwd: root });
  tarball = join(project, readdirSync(project).find((name) => name.endsWith('.tgz')) ?? '');
  mkdirSync(join(project, 'tmp'));
  writeFileSync(join(project, 'package.json'), '{ "name": "a-server", "private": true }');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...quiet, tarball, 'express@5.3.0', 'tsx@4.23.15'], {
    cwd: project,
  });
  return () => rmSync(project, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

/** Runs a program in the project. @returns the last JSON that it prints, beside the workers' events */
async function inProject(
  program: string,
  args: readonly string[],
): Promise<Record<string, unknown>> {
  const env = { ...inherited(), TMPDIR: join(project, 'tmp'), DATA: inject('smallData') };
  const { stdout } = await run(program, args, { cwd: project, env, maxBuffer: 1 << 26 });
  return lastOf(stdout);
}

function lastOf(stdout: string): Record<string, unknown> {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{') && !/"worker"/.test(line));
  return JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
}

const TINY = `{
  model: defineModel({ name: 'tiny', layers: [flatten(), dense({ units: 'classes' })] }),
  data: process.env.DATA, optimizer: optimizers.adam({ learningRate: 1e-3 }),
  batch: 20, shardSize: 10, steps: 5, workers: 2, http: '127.0.0.1:0',
}`;

describe('the packed package', () => {
  it('has at most 5 MB', () => {
    expect(statSync(tarball).size).toBeLessThan(MOST_BYTES);
  });

  it('brings the licences of the code that it contains', () => {
    const installed = join(project, 'node_modules', 'lockstep', 'THIRD-PARTY-LICENSES.txt');
    const notice = readFileSync(installed, 'utf8');
    for (const name of ['bullmq', 'fastify', 'preact', '@grpc/grpc-js']) {
      expect(notice).toMatch(new RegExp(`^${name} \\d+\\.`, 'm'));
    }
  });

  it('trains by its command, to the weights of the clone', async () => {
    const fixed = ['--data', inject('smallData'), '--no-dashboard', '--json'];
    const last = await inProject('npx', [
      '--no-install',
      'lockstep',
      'train',
      ...fixed,
      ...REFERENCE,
    ]);
    expect(last).toMatchObject({ event: 'run-finished', weightsSha256: referenceSha256() });
  });

  it('writes nothing into the project but its runs', () => {
    const installed = ['node_modules', 'package-lock.json', 'package.json', 'runs', 'tmp'];
    const known = new Set([...installed, tarball.slice(project.length + 1)]);
    const others = readdirSync(project).filter(
      (name) => !known.has(name) && !/^program/.test(name),
    );
    expect(others).toEqual([]);
  });

  it('trains inside a server, in TypeScript, whose requests are answered meanwhile', async () => {
    writeFileSync(
      join(project, 'program.ts'),
      `import express from 'express';
      import { train, defineModel, flatten, dense, optimizers, type RunEvent } from 'lockstep';
      async function main(): Promise<void> {
        const before = JSON.stringify(process.env);
        const run = await train(${TINY.replace('steps: 5', 'steps: 100000')});
        const app = express().get('/', (_request, response) => void response.send(run.runId));
        const server = app.listen(0, '127.0.0.1', async () => {
          const { port } = server.address() as { port: number };
          const steps: number[] = [];
          const answers = new Set<string>();
          for await (const event of run.events as AsyncIterable<RunEvent>) {
            if (event.event !== 'step') continue;
            steps.push(event.step);
            answers.add(await (await fetch('http://127.0.0.1:' + port)).text());
            if (event.step === 5) break;
          }
          await run.pause();
          await run.scale(1);
          await run.stop();
          const ended = await run.result.then(() => 'finished', (error) => error.code);
          const isSame = JSON.stringify(process.env) === before;
          console.log(JSON.stringify({ steps, ended, isSame, answered: answers.has(run.runId) }));
          server.close();
        });
      }
      void main();`,
    );
    expect(await inProject('npx', ['--no-install', 'tsx', 'program.ts'])).toEqual({
      ...{ steps: [1, 2, 3, 4, 5], ended: 'run-ended', isSame: true, answered: true },
    });
  });

  it.each([20, 22, 24] as const)(
    'trains in CommonJS and in an ES module under Node %i',
    async (major) => {
      const body = `train(${TINY}).then((run) => run.result).then(
      (result) => console.log(JSON.stringify(result)), (error) => console.log(JSON.stringify(error)));`;
      const names = '{ train, defineModel, flatten, dense, optimizers }';
      writeFileSync(join(project, 'program.cjs'), `const ${names} = require('lockstep'); ${body}`);
      writeFileSync(join(project, 'program.mjs'), `import ${names} from 'lockstep'; ${body}`);
      const node = await nodeRelease(major);
      const [first, second] = [
        await inProject(node, ['program.cjs']),
        await inProject(node, ['program.mjs']),
      ];
      expect(first).toMatchObject({
        step: 5,
        modelPath: expect.stringContaining(project) as string,
      });
      expect(second['weightsSha256']).toBe(first['weightsSha256']);
    },
  );

  it('rejects bad input with an error of the catalogue, before any step', async () => {
    writeFileSync(
      join(project, 'program-bad.mjs'),
      `import { train, LockstepError } from 'lockstep';
      const bad = [{ data: '/nowhere' }, { data: process.env.DATA, model: 'no-such-model' }];
      const codes = [];
      for (const options of bad) {
        await train({ ...options, onLog: () => {} }).catch((error) =>
          codes.push(error instanceof LockstepError ? error.code : String(error)));
      }
      console.log(JSON.stringify({ codes }));`,
    );
    expect(await inProject(process.execPath, ['program-bad.mjs'])).toEqual({
      codes: ['data-not-found', 'model-not-found'],
    });
  });

  it('ends the run when the program is killed', async () => {
    writeFileSync(
      join(project, 'program-killed.mjs'),
      `import { train, defineModel, flatten, dense, optimizers } from 'lockstep';
      const run = await train(${TINY.replace('steps: 5', 'steps: 100000')});
      for await (const { event } of run.events) if (event === 'step') break;
      const found = JSON.stringify({ folder: run.folder });
      process.stdout.write(found, () => process.kill(process.pid, 'SIGKILL'));`,
    );
    const killed = await inProject(process.execPath, ['program-killed.mjs']).catch(
      ({ stdout }: { stdout: string }) => lastOf(stdout),
    );
    expect(killed['folder']).toContain(project);
    await until('its processes are gone', () => processesOf(project).length === 0, 60_000);
  });

  it('has types for its options, events and results', async () => {
    mkdirSync(join(project, 'program-types'), { recursive: true });
    writeFileSync(
      join(project, 'program-types', 'program.ts'),
      `import { train, defineModel, dense, flatten, losses, optimizers, type RunEvent, type RunResult } from 'lockstep';
      const model = defineModel({ name: 'tiny', layers: [flatten(), dense({ units: 'classes' })] });
      const run = await train({ model, steps: 5, optimizer: optimizers.adam({ learningRate: 1e-3 }),
        loss: losses.crossEntropy({ labelSmoothing: 0.1 }) });
      for await (const event of run.events) if (event.event === 'step') event.loss.toFixed(2);
      const result: RunResult = await run.result;
      export const accuracy: number = result.metrics['accuracy'] ?? 0;
      export type Event = RunEvent;
      // @ts-expect-error: not an option
      await train({ stepz: 5 });
      // @ts-expect-error: not a setting of this optimizer
      optimizers.sgd({ beta1: 0.9 });`,
    );
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const strict = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--noEmit'];
    const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node'];
    writeFileSync(join(project, 'program-types', 'package.json'), '{ "type": "module" }');
    const args = [tsc, ...strict, '--skipLibCheck', ...types, 'program-types/program.ts'];
    await run(process.execPath, args, { cwd: project }).catch(({ stdout }: { stdout: string }) => {
      throw new Error(stdout);
    });
  });
});
