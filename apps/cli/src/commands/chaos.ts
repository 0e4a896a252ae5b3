import { LockstepError } from '@lockstep/core';
import { harmKinds, type HarmKind } from '../chaos/harm.js';
import { planText, type ChaosPlan } from '../chaos/plan.js';
import { prove, type Proof } from '../chaos/prove.js';
import { planFrom } from '../chaos/random-plan.js';
import { actText, reportText } from '../chaos/report-text.js';
import type { CommandDefinition } from '../command.js';
import { HUNG_UP, INTERRUPTED, onInterrupt } from '../interrupt.js';
import { argumentsFor } from '../options/arguments.js';
import { chaosOptions } from '../options/chaos-options.js';
import {
  jsonOption,
  leadOptions,
  localOptions,
  runOptions,
  type OptionEntry,
} from '../options/option-table.js';
import { refuseUnused } from '../options/refuse-unused.js';
import { noteLostOutput } from '../output/lost-output.js';
import type { OptionValues } from '../options/resolve-options.js';

/** What a proof needs otherwise than a training: enough steps, few enough of them to do again. */
const changes: Readonly<Record<string, Partial<OptionEntry>>> = {
  steps: { default: 200, defaultText: '200' },
  seed: { describe: 'seed of weights, order and dropout, and of the harm' },
  workers: { default: 3, defaultText: '3' },
  'checkpoint-every': { default: 20 },
  'on-alarm': { default: 'continue' },
};

/** Options of `lockstep train` that both trainings get. */
const trainOptions: readonly OptionEntry[] = [...runOptions, ...leadOptions, ...localOptions]
  .filter(({ flag }) => !['out', 'resume', 'grpc', 'http', 'no-dashboard'].includes(flag))
  .map((entry) => ({ ...entry, ...changes[entry.flag] }));

const outOption: readonly OptionEntry[] = leadOptions
  .filter(({ flag }) => flag === 'out')
  .map(({ flag, schema }) => ({
    ...{ flag, value: 'DIR', schema, describe: 'keep both runs in this folder' },
    defaultText: 'a temporary one, kept if they differ',
  }));

const randomOnly = ['kills', 'every', 'only'].map((flag) => ({
  ...{ flag, because: '--plan says what is done and when' },
}));

export const chaos: CommandDefinition = {
  name: 'chaos',
  describe: 'train a run twice, once while killing its processes, and compare the weights',
  options: [...trainOptions, ...chaosOptions, ...outOption, jsonOption],
  run: async (options, _words, origins) => {
    if (options['plan'] !== undefined) refuseUnused(origins, randomOnly);
    const json = options['json'] === true;
    const say = (line: string): void => void (json || process.stdout.write(`${line}\n`));
    noteLostOutput();
    const interrupt = onInterrupt(
      () => say('stopping (Ctrl-C again: stop at once)'),
      () => process.stderr.write(`${HUNG_UP}\n`),
    );
    const plan = planOf(options);
    const out = options['out'] as string | undefined;
    try {
      say(`plan: ${planText(plan)}`);
      const proof = await prove(
        {
          trainArgs: trainArguments(options),
          ...{ seed: options['seed'] as number, plan, ...(out === undefined ? {} : { out }) },
          onNote: say,
          onAct: (act, begin) => say(actText(act, begin)),
        },
        interrupt.signal,
        interrupt.hurry,
      );
      return interrupt.signal.aborted ? INTERRUPTED : conclude(proof, json);
    } finally {
      interrupt.dispose();
    }
  },
};

/** Prints the report. @throws LockstepError `runs-differ` */
function conclude(proof: Proof, json: boolean): number {
  if (!('report' in proof)) return passOn(proof);
  const { report, out } = proof;
  process.stdout.write(`${json ? JSON.stringify(report) : reportText(report)}\n`);
  if (report.equal) return 0;
  throw new LockstepError('runs-differ', report.findings.join('\n'), {
    remedy: `look at both runs in ${out}; do it again by --seed ${report.seed} --plan '${report.plan}'`,
  });
}

/** The undisturbed training has said itself what is wrong with the options. */
function passOn({ ended, said }: Extract<Proof, { ended: unknown }>): number {
  process.stderr.write(said.map((line) => `${line}\n`).join(''));
  return typeof ended === 'number' ? ended : 1;
}

function planOf(options: OptionValues): ChaosPlan {
  const written = options['plan'] as ChaosPlan | undefined;
  const only = (options['only'] as readonly HarmKind[] | undefined) ?? harmKinds;
  const { seed, kills, every, workers } = options as Readonly<Record<string, number>>;
  const asked = { kills: kills ?? 0, every: every ?? 1, only, workers: workers ?? 1 };
  return written ?? planFrom(seed ?? 0, asked);
}

function trainArguments(options: OptionValues): readonly string[] {
  const given = argumentsFor(trainOptions, options);
  return [...given, '--grpc', '127.0.0.1:0', '--http', '127.0.0.1:0', '--no-dashboard'];
}
