import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { readConfigFile } from './config-file.js';
import { everyOption } from './every-option.js';
import { describeOption, optionsOf, variableOf, type OptionTable } from './option.js';
import { redisOptions } from './redis-options.js';
import { resolveOptions } from './resolve-options.js';
import { leadOptions, localOptions, runOptions } from './run-options.js';

type OptionValues = Readonly<Record<string, unknown>>;

const entries: OptionTable = { ...runOptions, ...leadOptions, ...localOptions };
const nothing = { values: {}, unknown: [] };

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-options-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const resolveValues = async (...given: Parameters<typeof resolveOptions>): Promise<OptionValues> =>
  (await resolveOptions(...given)).values;

/** What came out: values, or the error that a person is shown. */
async function outcome(resolving: Promise<OptionValues>): Promise<OptionValues | LockstepError> {
  const result = await resolving.catch((error: unknown) => error);
  if (result instanceof Error) {
    expect(result).toBeInstanceOf(LockstepError);
    expect((result as LockstepError).code).toMatch(/^(bad-option|config-unreadable)$/);
    return result as LockstepError;
  }
  return result as OptionValues;
}

describe('options', () => {
  it('have their defaults where nothing is said, and cannot be changed', async () => {
    const values = await resolveValues(entries, nothing, {}, emptyFolder());
    const defaults = Object.entries(entries).flatMap(([name, schema]) =>
      schema instanceof z.ZodDefault ? [[name, schema.def.defaultValue]] : [],
    );
    expect(defaults.length).toBeGreaterThan(15);
    expect(values).toEqual(Object.fromEntries(defaults));
    expect(Object.isFrozen(values)).toBe(true);
  });

  it('name every mistake at once', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'lockstep.config.json'), '{"stepz": 3, "batch": "many"}');
    const typed = { values: { steps: 'x' }, unknown: ['--frob'] };
    const resolving = resolveOptions(entries, typed, { LOCKSTEP_SEED: '-1' }, folder);
    await expect(resolving).rejects.toThrow(
      /unknown option --frob[\s\S]*option stepz in [\s\S]*--steps [\s\S]*batch in [\s\S]*LOCKSTEP_SEED/,
    );
  });

  it('say where each value was given, and nothing of defaults', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'lockstep.config.json'), '{"steps": 3, "batch": 4, "seed": 5}');
    const typed = { values: { steps: '9' }, unknown: [] };
    const { origins } = await resolveOptions(entries, typed, { LOCKSTEP_BATCH: '8' }, folder);
    expect(origins).toEqual({
      steps: { from: 'typed', where: '--steps' },
      batch: { from: 'environment', where: 'LOCKSTEP_BATCH' },
      seed: { from: 'file', where: 'seed in lockstep.config.json' },
    });
  });

  it('suggest what was meant, in every place that names one', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'lockstep.config.json'), '{"learning-rate": 1}');
    const typed = { values: { numerics: 'strct' }, unknown: ['--lerning-rate', 'stray'] };
    const resolving = resolveOptions(entries, typed, { LOCKSTEP_STEPZ: '3' }, folder);
    await expect(resolving).rejects.toThrow(
      [
        'unknown option --lerning-rate; did you mean --learning-rate?',
        'unexpected argument stray',
        'unknown option learning-rate in lockstep.config.json; did you mean learningRate?',
        'unknown variable LOCKSTEP_STEPZ; did you mean LOCKSTEP_STEPS?',
        '--numerics must be one of strict, tolerant, not "strct"; did you mean strict?',
      ].join('\n'),
    );
  });

  it('leave alone the variables of the set-up, empty ones and those of Kubernetes services', async () => {
    const environment = {
      ...{ LOCKSTEP_BACKEND: 'native', LOCKSTEP_ANYTHING: '', LOCKSTEP_JSON: 'true' },
      LOCKSTEP_COORDINATOR_SERVICE_HOST: '10.0.0.1',
      LOCKSTEP_COORDINATOR_SERVICE_PORT_GRPC: '5050',
      LOCKSTEP_COORDINATOR_PORT: 'tcp://10.0.0.1:5050',
      LOCKSTEP_COORDINATOR_PORT_5050_TCP_ADDR: '10.0.0.1',
    };
    await resolveOptions(entries, nothing, environment, emptyFolder());
  });

  it.each(['ts', 'mts', 'js', 'mjs', 'cjs', 'json'])(
    'come from a config file .%s, which may import lockstep',
    async (kind) => {
      const folder = emptyFolder();
      const begin =
        kind === 'cjs'
          ? "const { defineModel } = require('lockstep'); module.exports = "
          : "import { defineModel } from 'lockstep'; export default ";
      const content =
        kind === 'json' ? '{ "steps": 7 }' : `${begin}{ steps: defineModel({ length: 7 }).length }`;
      writeFileSync(join(folder, `lockstep.config.${kind}`), content);
      expect(await resolveOptions(entries, nothing, {}, folder)).toMatchObject({
        values: { steps: 7 },
      });
    },
  );

  it.each([
    ['process.exit(0);', /it calls process\.exit/],
    ['await new Promise(() => {});', /it has not loaded in 0\.2 s/],
  ])('do not come from a config file that never loads: %s', async (code, reason) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'lockstep.config.mjs'), `${code}\nexport default {};`);
    const { exit } = process;
    const reading = readConfigFile(folder, 200);
    await expect(reading).rejects.toMatchObject({ code: 'config-unreadable' });
    await expect(reading).rejects.toThrow(/lockstep\.config\.mjs/);
    await expect(reading).rejects.toThrow(reason);
    expect(process.exit).toBe(exit);
  });

  it('do not come from two config files, nor from one of another kind', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'lockstep.config.yaml'), 'steps: 7');
    const yaml = resolveOptions(entries, nothing, {}, folder);
    await expect(yaml).rejects.toMatchObject({ code: 'config-unreadable' });
    await expect(yaml).rejects.toThrow(/lockstep\.config\.yaml/);
    rmSync(join(folder, 'lockstep.config.yaml'));
    writeFileSync(join(folder, 'lockstep.config.json'), '{}');
    writeFileSync(join(folder, 'lockstep.config.mjs'), 'export default {}');
    const two = resolveOptions(entries, nothing, {}, folder);
    await expect(two).rejects.toMatchObject({ code: 'config-unreadable' });
    await expect(two).rejects.toThrow(/lockstep\.config\.mjs and .*lockstep\.config\.json/);
  });

  it('take a password from a file or the environment, and never as typed', async () => {
    const url = 'rediss://me:hunter2@host';
    const folder = emptyFolder();
    const resolve = (typed: object, environment: NodeJS.ProcessEnv): Promise<OptionValues> =>
      resolveValues(redisOptions, { values: { ...typed }, unknown: [] }, environment, folder);
    expect(await resolve({}, { LOCKSTEP_REDIS: url })).toEqual({ redis: url });
    expect(await resolve({ redis: 'rediss://me@host' }, {})).toEqual({ redis: 'rediss://me@host' });
    const typed = resolve({ redis: url }, {});
    await expect(typed).rejects.toThrow(/^--redis holds a password.*--redis-password-file/);
    await expect(typed).rejects.not.toThrow(/hunter2/);
    writeFileSync(join(folder, 'lockstep.config.json'), JSON.stringify({ redis: url }));
    expect(await resolve({}, {})).toEqual({ redis: url });
  });

  it('follow from the fields of any zod object', async () => {
    const settings = z.object({
      learningRate: z.number().positive().default(0.1).describe('step size'),
      nesterov: z.boolean().default(false),
      kind: z.enum(['a', 'b']).optional(),
    });
    const table = optionsOf(settings, { kind: { value: 'KIND', describe: 'which' } });
    expect(describeOption(table.learningRate)).toEqual({
      ...{ value: 'X', describe: 'step size', shownDefault: '0.1' },
    });
    expect(describeOption(table.nesterov).value).toBeUndefined();
    expect(describeOption(table.kind)).toMatchObject({ value: 'KIND', describe: 'which' });
    const folder = emptyFolder();
    const typed = { values: { learningRate: '0.5' }, unknown: [] };
    const { values } = await resolveOptions(
      table,
      typed,
      { LOCKSTEP_NESTEROV: 'true', LOCKSTEP_SEED: '3' },
      folder,
    );
    const learningRate: number = values.learningRate;
    expect({ ...values, learningRate }).toEqual({ learningRate: 0.5, nesterov: true });
    const wrong = { values: { learningRate: '-1', nesterov: 'x', kind: 'c' }, unknown: [] };
    await expect(resolveOptions(table, wrong, {}, folder)).rejects.toThrow(
      [
        '--learning-rate must be above 0, not "-1"',
        '--nesterov must be a boolean, not "x"',
        '--kind must be one of a, b, not "c"',
      ].join('\n'),
    );
  });

  it('survive any environment and any typed words', async () => {
    const folder = emptyFolder();
    const name = fc.constantFrom(...everyOption);
    const word = fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom('', 'true', '-1'));
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name.map(variableOf), word),
        fc.dictionary(name, word),
        fc.array(fc.string()),
        async (environment, values, unknown) => {
          await outcome(resolveValues(entries, { values, unknown }, environment, folder));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('survive any config file', async () => {
    const key = fc.oneof(
      fc.constantFrom(...everyOption),
      fc.constantFrom('__proto__', 'constructor', 'extends', '$meta', '$production'),
      fc.string(),
    );
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc.dictionary(key, fc.jsonValue()).map((value) => Buffer.from(JSON.stringify(value))),
    );
    await fc.assert(
      fc.asyncProperty(content, async (bytes) => {
        const folder = mkdtempSync(join(tmpdir(), 'lockstep-options-'));
        try {
          writeFileSync(join(folder, 'lockstep.config.json'), bytes);
          await outcome(resolveValues(entries, nothing, {}, folder));
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 200 },
    );
  });
});
