import { z } from 'zod';
import { flagOf } from './camel-case.js';
import { LockstepError } from './errors.js';
import { settingValueSchema } from './run-spec-schema.js';
import type { SettingValue } from './run-spec.js';

/** What the entries of every registry with options have in common. */
export interface RegistryEntry {
  /** `kind` in a RunSpec, and the value of the option that chooses it. */
  readonly name: string;
  readonly description: string;
  /** Its settings, each with bounds, default and description; each is also a command line option. */
  readonly schema: z.ZodObject;
}

/** One setting of one or more entries. */
export interface Setting {
  /** As in a RunSpec: `learningRate`. */
  readonly key: string;
  /** `array`: of numbers. */
  readonly type: 'number' | 'integer' | 'string' | 'boolean' | 'array';
  readonly description: string;
  /** Of the first entry that has it; undefined where it may be absent. */
  readonly default?: SettingValue | undefined;
  /** Parses the setting; each entry's own bounds hold beside it. */
  readonly schema: z.ZodType;
  /** Names of the entries that have this setting. */
  readonly entries: readonly string[];
  /** Whether every entry has it. */
  readonly isCommon: boolean;
}

/** What a setting's JSON schema must say; one without a description is a defect. */
const described = z.object({
  type: z.enum(['number', 'integer', 'string', 'boolean', 'array']),
  description: z.string(),
  default: settingValueSchema.optional(),
});

/** What became of the settings that a user gave. */
interface ParsedSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly mistakes: readonly string[];
  readonly has: string;
}

/** Entries of one kind, by name, with what their schemas declare. */
export class Registry<Entry extends RegistryEntry> {
  readonly entries: readonly Entry[];
  /** The settings of all entries, each once. */
  readonly settings: readonly Setting[];
  readonly #kind: string;
  /** Schemas that allow no other settings, once used: zod compiles each at its first use. */
  readonly #strict = new Map<Entry, z.ZodObject>();

  /** @param kind of its entries, for messages: `optimizer` */
  constructor(kind: string, entries: readonly Entry[]) {
    this.#kind = kind;
    this.entries = entries;
    this.settings = settingsIn(entries);
  }

  /**
   * Parses the settings of an entry, as a user gave them.
   *
   * @returns the settings; `mistakes` has a line for each that the entry does not have or that is out
   *   of bounds, and `has` names those that it has
   * @throws LockstepError `bad-option` where there is no such entry
   */
  parse(name: string, given: Readonly<Record<string, unknown>>): ParsedSettings {
    const entry = this.#find(name);
    if (!entry) {
      throw new LockstepError('bad-option', `unknown ${this.#kind} ${name}`, {
        remedy: `choose one of ${this.entries.map((each) => each.name).join(', ')}`,
      });
    }
    const flags = Object.keys(entry.schema.shape).map((key) => `--${flagOf(key)}`);
    const has = `${this.#kind} ${name} has ${flags.join(', ')}`;
    const parsed = this.#strictOf(entry).safeParse(given);
    return parsed.success
      ? { settings: parsed.data, mistakes: [], has }
      : { settings: {}, mistakes: this.#mistakesIn(parsed.error, name, given), has };
  }

  /**
   * The entry that a RunSpec names, and its settings.
   *
   * @throws LockstepError `run-damaged` where this version has no such entry or not its settings
   */
  read(spec: { readonly kind: string; readonly [setting: string]: unknown }): {
    readonly entry: Entry;
    readonly settings: Record<string, unknown>;
  } {
    const { kind, schedule: _schedule, ...own } = spec;
    const entry = this.#find(kind);
    const settings = entry && this.#strictOf(entry).safeParse(own);
    if (entry && settings?.success) return { entry, settings: settings.data };
    const what = entry
      ? `the settings of ${this.#kind} ${kind} are invalid`
      : `the run's ${this.#kind} is ${kind}, which this version does not have`;
    throw new LockstepError('run-damaged', what, {
      remedy: 'use the version of Lockstep that the run was begun with',
      cause: settings?.error,
    });
  }

  #strictOf(entry: Entry): z.ZodObject {
    const strict = this.#strict.get(entry) ?? entry.schema.strict();
    this.#strict.set(entry, strict);
    return strict;
  }

  #find(name: string): Entry | undefined {
    return this.entries.find((entry) => entry.name === name);
  }

  #mistakesIn(
    { issues }: z.ZodError,
    name: string,
    given: Readonly<Record<string, unknown>>,
  ): string[] {
    return issues.flatMap((issue) => {
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map(
          (key) => `--${flagOf(key)} is not a setting of ${this.#kind} ${name}`,
        );
      }
      const key = String(issue.path[0]);
      return `--${flagOf(key)} ${issue.message}, not ${String(given[key])}`;
    });
  }
}

function settingsIn(entries: readonly RegistryEntry[]): Setting[] {
  const settings = new Map<string, Setting>();
  for (const { name, schema } of entries) {
    const properties = z.toJSONSchema(schema, { io: 'input' }).properties ?? {};
    for (const [key, field] of Object.entries(schema.shape)) {
      const known = settings.get(key);
      const having = [...(known?.entries ?? []), name];
      settings.set(key, {
        ...(known ?? { key, ...described.parse(properties[key]), schema: field as z.ZodType }),
        ...{ entries: having, isCommon: having.length === entries.length },
      });
    }
  }
  return [...settings.values()];
}
