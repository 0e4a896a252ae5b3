import { didYouMean } from './did-you-mean.js';
import type { OptionEntry } from './option-entry.js';
import { keyOf, variableOf } from './option-names.js';

/** Variables of the set-up, which are no options of a command. */
const SET_UP_VARIABLES = ['LOCKSTEP_BACKEND', 'LOCKSTEP_DEVICE'];

/** Kubernetes sets such variables for each Service, `lockstep-coordinator` for example. */
const SERVICE_VARIABLE = /_SERVICE_(HOST|PORT(_\w+)?)$/;
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//;
const SERVICE_PART = /_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;

/** What the options as typed, the config file and the environment name that does not exist. */
export function unknownNames(
  entries: readonly OptionEntry[],
  every: readonly OptionEntry[],
  typed: readonly string[],
  file: { readonly path: string; readonly values: Readonly<Record<string, unknown>> },
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  // One config file and one environment serve all commands: both may name another one's option.
  const known = [...every, ...entries];
  return [
    ...typed.map((word) => unknownWord(word, entries)),
    ...unknownKeys(file.values, file.path, known),
    ...unknownVariables(environment, known),
  ];
}

function unknownWord(word: string, entries: readonly OptionEntry[]): string {
  if (!word.startsWith('-')) return `unexpected argument ${word}`;
  const flags = entries.map(({ flag }) => `--${flag}`);
  return `unknown option ${word}${didYouMean(word, flags)}`;
}

function unknownKeys(
  values: Readonly<Record<string, unknown>>,
  path: string,
  known: readonly OptionEntry[],
): readonly string[] {
  const keys = known.map(({ flag }) => keyOf(flag));
  return Object.keys(values)
    .filter((key) => !keys.includes(key))
    .map((key) => `unknown option ${key} in ${path}${didYouMean(key, keys)}`);
}

function unknownVariables(
  environment: NodeJS.ProcessEnv,
  known: readonly OptionEntry[],
): readonly string[] {
  const variables = [
    ...known.filter(({ typedOnly }) => typedOnly !== true).map(({ flag }) => variableOf(flag)),
    ...SET_UP_VARIABLES,
  ];
  return Object.entries(environment)
    .filter(([name, value = '']) => name.startsWith('LOCKSTEP_') && value !== '')
    .filter(([name, value = '']) => !variables.includes(name) && !isOfService(name, value))
    .map(([name]) => `unknown variable ${name}${didYouMean(name, variables)}`);
}

function isOfService(name: string, value: string): boolean {
  return SERVICE_VARIABLE.test(name) || SERVICE_PART.test(name) || SERVICE_ADDRESS.test(value);
}
