import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  everyOption,
  leadOptions,
  localOptions,
  redisOptions,
  runOptions,
} from './option-table.js';
import { keyOf, resolveOptions, variableOf, type OptionValues } from './resolve-options.js';

const entries = [...runOptions, ...leadOptions, ...localOptions];
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
    const defaults = entries.flatMap(({ flag, ...entry }) =>
      'default' in entry ? [[keyOf(flag), entry.default]] : [],
    );
    expect(values).toEqual(Object.fromEntries(defaults));
    expect(Object.isFrozen(values)).toBe(true);
  });

  it('name every mistake at once', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'lockstep.config.json'), '{"stepz": 3, "batch": "many"}');
    const typed = { values: { steps: 'x' }, unknown: ['--frob'] };
    const resolving = resolveOptions(entries, typed, { LOCKSTEP_SEED: '-1' }, folder);
    await expect(resolving).rejects.toThrow(
      /--frob is no option[\s\S]*stepz in [\s\S]*--steps [\s\S]*batch in [\s\S]*LOCKSTEP_SEED/,
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

  it('survive any environment and any typed words', async () => {
    const folder = emptyFolder();
    const flag = fc.constantFrom(...everyOption.map(({ flag }) => flag));
    const word = fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom('', 'true', '-1'));
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(flag.map(variableOf), word),
        fc.dictionary(flag.map(keyOf), word),
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
      fc.constantFrom(...everyOption.map(({ flag }) => keyOf(flag))),
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
