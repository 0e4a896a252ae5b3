import type { z } from 'zod';

/** One option: its flag, its variable `LOCKSTEP_…`, its key in the config file, and what it may be. */
export interface OptionEntry {
  /** As in `--learning-rate`; also gives the config key and the environment variable. */
  readonly flag: string;
  /** What stands for the value in `--help`; absent for a switch. */
  readonly value?: string;
  readonly describe: string;
  /** Turns text or a config file's value into the option's value. */
  readonly schema: z.ZodType;
  /** Absent where there is none, or where it depends on the recipe. */
  readonly default?: string | number | boolean;
  /** What `--help` says of the default, where the value itself does not say it. */
  readonly defaultText?: string;
  /** Why a value may not be typed, where all users of the machine can read it; undefined if it may. */
  readonly notTyped?: (value: string) => string | undefined;
  /** False where a message must not quote the value, since a password may be in it. */
  readonly quotes?: false;
  /** Only as typed: in the environment and the config file its name means something else. */
  readonly typedOnly?: true;
}
