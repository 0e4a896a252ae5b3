import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRunFolder, openLedger } from '@lockstep/store';
import { defaultRecipe, flagOf, type RunSpec, type Setting } from '@lockstep/core';
import { dataReaders } from '@lockstep/data/readers';
import { losses } from '@lockstep/model/objective';
import { optimizers, optimizerSpec, schedules } from '@lockstep/optim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { coordinator } from '../commands/coordinator.js';
import { train } from '../commands/train.js';
import { chosenRun, runFromParent, type ChosenRun } from './chosen-run.js';
import { onResume, type OnResume } from './on-resume.js';
import { variableOf } from './option.js';
import { resolveOptions } from './resolve-options.js';
import { runOptions } from './run-options.js';
import { coordinatorOptions } from './run-request.js';

const COMMITTED = 3;
const MODEL = 'export default {};\n';
const spec: RunSpec = {
  formatVersion: 2,
  model: {
    name: 'small.mjs',
    sourceSha256: createHash('sha256').update(MODEL).digest('hex'),
    parameters: [],
    loss: { kind: 'cross-entropy', classWeights: [1, 2] },
    metrics: [],
  },
  data: {
    ...{ name: 'small', sha256: 'aa', trainCount: 20, testCount: 10 },
    ...{ inputShape: [1, 2, 1], target: { classes: 2 } },
  },
  ...{ ...defaultRecipe, batch: 10, shardSize: 10, steps: 8, seed: 7, threads: 1 },
  optimizer: optimizerSpec({ given: {}, steps: 8 }, defaultRecipe.optimizer),
  ...{ clipNorm: 5, ema: 0.9 },
  augment: [{ kind: 'flip' }, { kind: 'shift', pixels: 1 }],
  selection: { evalEvery: 7, earlyStopping: 3, keepBest: true },
  ...{ numerics: 'strict', device: 'cpu', wire: 'f32' },
};

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'lockstep-chosen-'));
  const createdAt = '2026-01-01T00:00:00.000Z';
  const initial = { from: 'begin.json', taken: 1, fresh: [] };
  const places = { model: '/gone/small.mjs', data: '/gone/small', initial, createdAt };
  const record = { runId: 'R', spec, ...places };
  const { disk } = await createRunFolder(out, record);
  const { ledger } = await openLedger(disk, 'R');
  for (let step = 1; step <= COMMITTED; step++) {
    ledger.append({ step, term: 1, shards: [], loss: 1 });
  }
  ledger.close();
});
afterAll(() => rm(out, { recursive: true }));

interface Given {
  readonly typed?: Readonly<Record<string, string | boolean>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** What `lockstep.config.json` holds. */
  readonly file?: Readonly<Record<string, unknown>>;
}

const camelCase = (flag: string): string =>
  flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** The options of `coordinator` that are given by flag, as they are resolved. */
async function resolved({ typed = {}, environment = {}, file }: Given) {
  const folder = await mkdtemp(join(out, '.cwd-'));
  if (file) await writeFile(join(folder, 'lockstep.config.json'), JSON.stringify(file));
  const keyed = Object.entries({ out, ...typed }).map(([flag, value]) => [camelCase(flag), value]);
  const values = Object.fromEntries(keyed) as Record<string, unknown>;
  return resolveOptions(coordinator.options, { values, unknown: [] }, environment, folder);
}

async function choose(given: Given): Promise<ChosenRun> {
  const { values, origins } = await resolved(given);
  return chosenRun(values, origins);
}

const resumeWith = (typed: Given['typed']): Promise<ChosenRun> =>
  choose({ typed: { resume: 'R', ...typed } });

/** For each option that is part of the spec: the run's own value, and another one. */
const fixedValues: Readonly<Record<string, readonly [own: string, other: string]>> = {
  batch: ['10', '40'],
  'shard-size': ['10', '5'],
  optimizer: ['sgd', 'nesterov'],
  'learning-rate': ['0.03', '0.5'],
  momentum: ['0.9', '0'],
  'weight-decay': ['0', '0.1'],
  'keep-prob': ['0.5', '1'],
  'clip-norm': ['5', '1'],
  ema: ['0.9', '0.5'],
  loss: ['cross-entropy', 'sigmoid-cross-entropy'],
  'label-smoothing': ['0', '0.1'],
  'class-weights': ['1,2', '2,1'],
  schedule: ['cosine', 'linear'],
  'warmup-steps': ['4', '3'],
  'final-factor': ['0', '0.5'],
  recipe: ['default', 'tutorial'],
  seed: ['7', '8'],
  'on-nonfinite': ['stop', 'skip'],
  augment: ['flip,shift:1', 'flip'],
  'early-stopping': ['3', '4'],
  'keep-best': ['true', 'false'],
  'init-from': ['begin.json', 'other.json'],
  threads: ['1', '2'],
  numerics: ['strict', 'tolerant'],
  device: ['cpu', 'gpu'],
  wire: ['f32', 'bf16'],
};

/** A valid value of a setting. */
function exampleOf({ schema, type }: Setting): string {
  const [choice] = z.toJSONSchema(schema).enum ?? [];
  const examples = { integer: '2', number: '0.5', string: ';', boolean: 'true', array: '2,2' };
  return typeof choice === 'string' ? choice : examples[type];
}

/** Settings that the run's optimizer, schedule, loss and data do not have. */
const absent = [
  ...[...optimizers.settings, ...schedules.settings, ...losses.settings].filter(
    ({ entries }) => !entries.some((name) => ['sgd', 'cosine', 'cross-entropy'].includes(name)),
  ),
  ...dataReaders.settings,
].map((setting) => [flagOf(setting.key), exampleOf(setting)] as const);

/** The effect, at every start, of options outside the RunSpec: what the coordinator receives. */
const effects: Readonly<Record<string, readonly [given: string | boolean, effect: object]>> = {
  'eval-every': ['7', { evalEvery: 7 }],
  'checkpoint-every': ['7', { checkpointEvery: 7 }],
  'prove-every': ['7', { proveEvery: 7 }],
  'min-workers': ['7', { minWorkers: 7 }],
  'heartbeat-timeout': ['700', { heartbeatTimeoutMs: 700 }],
  'on-alarm': ['continue', { onAlarm: 'continue' }],
  grpc: ['127.0.0.1:7', { grpc: '127.0.0.1:7' }],
  http: ['127.0.0.1:7', { http: '127.0.0.1:7' }],
  'any-port': [true, { grpcMayMove: true, httpMayMove: true }],
  probes: ['127.0.0.1:7', { probes: '127.0.0.1:7' }],
  tensorboard: ['boards', { tracking: { tensorboard: 'boards' } }],
  mlflow: ['http://h', { tracking: { mlflow: { url: 'http://h' } } }],
  'tls-cert': ['f', { access: { tlsCert: 'f' } }],
  'tls-key': ['f', { access: { tlsKey: 'f' } }],
  'tls-ca': ['f', { access: { tlsCa: 'f' } }],
  'admin-token-file': ['f', { access: { adminTokenFile: 'f' } }],
  'viewer-token-file': ['f', { access: { viewerTokenFile: 'f' } }],
  'join-tokens': ['f', { access: { joinTokens: 'f' } }],
  insecure: [true, { access: { insecure: true } }],
  supervised: [true, { stays: true }],
  checkpoint: ['2', { run: { resume: 'R', checkpoint: 2 } }],
};

/** Those that the commands themselves use, whichever run they lead. */
const usedByCommands = new Set([
  ...['resume', 'out', 'workers', 'no-dashboard', 'json', 'log-level'],
  ...['redis', 'redis-ca', 'redis-password-file', 'scaler', 'scale-target'],
]);

describe('an option with --resume', () => {
  const flags = Object.keys({ ...train.options, ...coordinator.options }).map(flagOf);
  const ofRun = (kind: OnResume<'steps'>['kind']): string[] =>
    Object.entries(onResume).flatMap(([name, each]) => (each.kind === kind ? flagOf(name) : []));

  it('declares what it does, every one of train and coordinator', () => {
    expect(ofRun('fixed').sort()).toEqual(
      [...Object.keys(fixedValues), ...absent.map(([flag]) => flag)].sort(),
    );
    const ofRuns = Object.keys(runOptions).map(flagOf);
    const stated = [...ofRuns, ...Object.keys(effects), ...usedByCommands];
    expect(stated.sort()).toEqual(flags.sort());
  });

  it.each(Object.entries(fixedValues))('refuses another --%s', async (flag, [own, other]) => {
    const refused = resumeWith({ [flag]: other });
    await expect(refused).rejects.toMatchObject({ code: 'bad-option' });
    await expect(refused).rejects.toThrow(`--${flag} is ${other}, but run R was begun with ${own}`);
    expect(await resumeWith({ [flag]: own })).toMatchObject({ run: { changes: {} }, notes: [] });
  });

  it.each(absent)(
    'refuses --%s, which its optimizer and schedule do not have',
    async (flag, value) => {
      const refused = resumeWith({ [flag]: value });
      await expect(refused).rejects.toThrow(
        `--${flag} is ${value}, but run R was begun without it`,
      );
    },
  );

  it('accepts all that the run was begun with, a shard as large as the batch among them', async () => {
    const own = Object.entries(fixedValues).map(([flag, [value]]) => [flag, value]);
    const begunWith = Object.fromEntries(own) as Record<string, string>;
    const typed = { ...begunWith, 'shard-size': '25', steps: '8' };
    const { run, notes } = await resumeWith({ ...typed, data: '/gone/small' });
    expect([run, notes]).toEqual([{ resume: 'R', changes: {} }, []]);
  });

  it.each(Object.entries(effects))('takes --%s at every start', async (flag, [given, expected]) => {
    const { values, origins } = await resolved({ typed: { resume: 'R', [flag]: given } });
    const { run } = await chosenRun(values, origins);
    const options = coordinatorOptions(values, run, new Promise(() => undefined), () => undefined);
    expect(options).toMatchObject(expected);
  });

  it('refuses another interval of evaluations that decide about the run', async () => {
    await expect(resumeWith({ 'eval-every': '8' })).rejects.toThrow(
      '--eval-every is 8, but evaluations every 7 steps decide about the run',
    );
  });

  it('names every mistake at once', async () => {
    await expect(resumeWith({ batch: '40', steps: '2', data: '/none', seed: '9' })).rejects.toThrow(
      /--steps is 2, but run R has made 3 of its 8 steps.*above 3[\s\S]*--batch[\s\S]*--seed[\s\S]*--data is \/none/,
    );
  });

  it('changes the number of steps', async () => {
    expect((await resumeWith({ steps: '12' })).run).toEqual({
      ...{ resume: 'R', changes: { steps: 12 } },
    });
    expect((await resumeWith({ steps: '4' })).run).toMatchObject({ changes: { steps: 4 } });
  });

  it('changes the number of epochs, of 20 samples in batches of 10', async () => {
    expect((await resumeWith({ epochs: '5.6' })).run).toMatchObject({ changes: { steps: 12 } });
    expect((await resumeWith({ epochs: '4' })).run).toMatchObject({ changes: {} });
    await expect(resumeWith({ epochs: '1' })).rejects.toThrow(
      '--epochs is 1, but run R has made 3',
    );
  });

  it('finds a model file that was moved and renamed, by its content', async () => {
    const moved = join(out, 'renamed.mjs');
    await writeFile(moved, MODEL);
    expect(await resumeWith({ model: moved })).toMatchObject({
      run: { changes: { model: moved } },
      here: { model: moved, data: '/gone/small' },
    });
    await writeFile(moved, `${MODEL}// changed`);
    await expect(resumeWith({ model: moved })).rejects.toThrow(/--model is .*another model/);
    await expect(resumeWith({ model: 'mnist-cnn' })).rejects.toThrow(/--model is mnist-cnn/);
  });

  it('is not used where environment or config file describe another run, and a note says so', async () => {
    const typed = { resume: 'R' };
    const environment = { [variableOf('batch')]: '40', [variableOf('seed')]: '7' };
    const { run, notes } = await choose({ typed, environment, file: { steps: 100, threads: 2 } });
    expect(run).toEqual({ resume: 'R', changes: {} });
    expect(notes).toEqual([
      expect.stringMatching(/^steps in lockstep.config.json is 100, but run R keeps its 8 steps/),
      expect.stringMatching(/^LOCKSTEP_BATCH is 40, but run R was begun with 10/),
      expect.stringMatching(/^threads in lockstep.config.json is 2, but/),
    ]);
  });

  it('needs --resume where it is --checkpoint', async () => {
    await expect(choose({ typed: { checkpoint: '2' } })).rejects.toThrow(/without --resume/);
  });
});

describe('a supervised coordinator', () => {
  it('resumes the newest run, with more steps if there are, and notes what else differs', async () => {
    const more = await choose({ typed: { supervised: true, steps: '12', batch: '40' } });
    expect(more.run).toEqual({ resume: 'R', changes: { steps: 12 } });
    expect(more.notes).toEqual([expect.stringMatching(/^--batch is 40, but run R .*not used$/)]);
    const fewer = await choose({
      typed: { supervised: true },
      environment: { LOCKSTEP_STEPS: '5' },
    });
    expect(fewer.run).toEqual({ resume: 'R', changes: {} });
    expect(fewer.notes).toEqual([expect.stringMatching(/^LOCKSTEP_STEPS is 5, but/)]);
    expect((await choose({ typed: { supervised: true } })).notes).toEqual([]);
  });

  it('begins a run where there is none', async () => {
    const { run } = await choose({ typed: { supervised: true, out: join(out, 'none') } });
    expect(run).toMatchObject({ request: { seed: 1 } });
  });
});

describe('a coordinator that lockstep train starts', () => {
  it('reads the requested run from its arguments alone', async () => {
    const environment = { LOCKSTEP_CHECKPOINT: '2', LOCKSTEP_STEPS: '99' };
    const first = await resolved({
      typed: { resume: 'R', steps: '12', checkpoint: '1' },
      environment,
    });
    expect(runFromParent(first.values, first.origins)).toEqual({
      ...{ resume: 'R', checkpoint: 1, changes: { steps: 12 } },
    });
    const next = await resolved({ typed: { resume: 'R' }, environment });
    expect(runFromParent(next.values, next.origins)).toEqual({ resume: 'R', changes: {} });
  });
});

describe('a new run', () => {
  it('is as long as its epochs, with the schedule for so many steps', async () => {
    const { run } = await choose({ typed: { epochs: '1.5', batch: '8' } });
    if (!('request' in run)) throw new Error('a new run was asked for');
    const { steps, optimizer } = run.request.plan(100);
    expect(steps).toBe(19);
    expect(optimizer).toEqual(optimizerSpec({ given: {}, steps: 19 }, defaultRecipe.optimizer));
  });

  it('refuses steps beside epochs, and a warm-up that is longer than the epochs', async () => {
    await expect(
      choose({ typed: { epochs: '2' }, environment: { LOCKSTEP_STEPS: '9' } }),
    ).rejects.toThrow('LOCKSTEP_STEPS and --epochs are both given');
    const { run } = await choose({ typed: { epochs: '1', batch: '50', 'warmup-steps': '20' } });
    if (!('request' in run)) throw new Error('a new run was asked for');
    const { plan } = run.request;
    expect(() => plan(1000)).toThrow('--warmup-steps must be below the 20 steps of the run');
    expect(plan(1001).steps).toBe(21);
  });
});
