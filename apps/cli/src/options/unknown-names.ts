import { flagOf } from '@lockstep/core';
import { didYouMean } from './did-you-mean.js';
import { everyOption } from './every-option.js';
import { describeOption, variableOf, type OptionTable } from './option.js';

/** Variables of the set-up, which are not options of a command. */
const SET_UP_VARIABLES = [
  'LOCKSTEP_BACKEND',
  'LOCKSTEP_CACHE',
  'LOCKSTEP_DEVICE',
  'LOCKSTEP_UNPINNED',
];

/** Kubernetes sets such variables for each Service, `lockstep-coordinator` for example. */
const SERVICE_VARIABLE = /_SERVICE_(HOST|PORT(_\w+)?)$/;
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//;
const SERVICE_PART = /_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;

/** A message for each unknown name in the typed words, the config file and the environment. */
export function unknownNames(
  table: OptionTable,
  typed: readonly string[],
  file: { readonly path: string; readonly values: Readonly<Record<string, unknown>> },
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  // One config file and one environment serve all commands: both may name another command's option.
  const keys = [...everyOption, ...Object.keys(table)];
  const readable = Object.entries(table)
    .filter(([, schema]) => describeOption(schema).typedOnly !== true)
    .map(([name]) => name);
  const variables = [...[...everyOption, ...readable].map(variableOf), ...SET_UP_VARIABLES];
  return [
    ...typed.map((word) => unknownWord(word, table)),
    ...unknownKeys(file.values, file.path, keys),
    ...unknownVariables(environment, variables),
  ];
}

function unknownWord(word: string, table: OptionTable): string {
  if (!word.startsWith('-')) return `unexpected argument ${word}`;
  const flags = Object.keys(table).map((name) => `--${flagOf(name)}`);
  return `unknown option ${word}${didYouMean(word, flags)}`;
}

function unknownKeys(
  values: Readonly<Record<string, unknown>>,
  path: string,
  known: readonly string[],
): readonly string[] {
  return Object.keys(values)
    .filter((key) => !known.includes(key))
    .map((key) => `unknown option ${key} in ${path}${didYouMean(key, known)}`);
}

function unknownVariables(
  environment: NodeJS.ProcessEnv,
  known: readonly string[],
): readonly string[] {
  return Object.entries(environment)
    .filter(([name, value = '']) => name.startsWith('LOCKSTEP_') && value !== '')
    .filter(([name, value = '']) => !known.includes(name) && !isOfService(name, value))
    .map(([name]) => `unknown variable ${name}${didYouMean(name, known)}`);
}

function isOfService(name: string, value: string): boolean {
  return SERVICE_VARIABLE.test(name) || SERVICE_PART.test(name) || SERVICE_ADDRESS.test(value);
}
