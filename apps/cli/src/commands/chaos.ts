import { LockstepError } from '@lockstep/core';
import { faultKinds } from '../chaos/fault.js';
import { planText, type ChaosPlan } from '../chaos/plan.js';
import { prove, type Proof } from '../chaos/prove.js';
import { planFrom } from '../chaos/random-plan.js';
import { actText, reportText } from '../chaos/report-text.js';
import { defineCommand } from '../command.js';
import { HUNG_UP, INTERRUPTED, onInterrupt } from '../interrupt.js';
import { chaosOptions } from '../options/chaos-options.js';
import { argumentsFor, option, redeclared, type Values } from '../options/option.js';
import { refuseUnused } from '../options/refuse-unused.js';
import { jsonOption, leadOptions, localOptions, runOptions } from '../options/run-options.js';
import { oneOf, text, whole } from '../options/schemas.js';
import { noteLostOutput } from '../output/lost-output.js';

const {
  out: _out,
  resume: _resume,
  grpc: _grpc,
  http: _http,
  noDashboard: _no,
  ...lead
} = leadOptions;

/** Faults are planned by steps. */
const { epochs: _epochs, ...runs } = runOptions;

/**
 * Options of `lockstep train` that both trainings get. A proof needs other defaults than a training:
 * enough steps, and few of them to compute again after a fault.
 */
const trainOptions = {
  ...runs,
  steps: redeclared(runOptions.steps, whole(1).default(200)),
  seed: redeclared(runOptions.seed, runOptions.seed, {
    describe: 'seed of weights, order and dropout, and of the faults',
  }),
  ...lead,
  checkpointEvery: redeclared(lead.checkpointEvery, whole(1).default(20)),
  onAlarm: redeclared(lead.onAlarm, oneOf('stop', 'continue').default('continue')),
  workers: redeclared(localOptions.workers, whole(0).default(3)),
};

const table = {
  ...trainOptions,
  ...chaosOptions,
  out: option(text.optional(), {
    value: 'DIR',
    describe: 'keep both runs in this folder',
    defaultText: 'a temporary one, kept if they differ',
  }),
  ...jsonOption,
};
type ChaosOptions = Values<typeof table>;

const randomOnly = ['kills', 'every', 'only'].map((name) => ({
  ...{ name, because: '--plan already says which faults to inject, and when' },
}));

export const chaos = defineCommand({
  name: 'chaos',
  describe: 'train a run twice, once under fault injection, and compare the weights',
  options: table,
  run: async ({ options, origins }) => {
    if (options.plan !== undefined) refuseUnused(origins, randomOnly);
    const { json, seed, out } = options;
    const say = (line: string): void => void (json || process.stdout.write(`${line}\n`));
    noteLostOutput();
    const interrupt = onInterrupt(
      () => say('stopping (Ctrl-C again: stop at once)'),
      () => process.stderr.write(`${HUNG_UP}\n`),
    );
    const plan = planOf(options);
    try {
      say(`plan: ${planText(plan)}`);
      const proof = await prove(
        {
          trainArgs: trainArguments(options),
          ...{ seed, plan, ...(out === undefined ? {} : { out }) },
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
});

/** Prints the report. @throws LockstepError `runs-differ` */
function conclude(proof: Proof, json: boolean): number {
  if (!('report' in proof)) return passOn(proof);
  const { report, out } = proof;
  process.stdout.write(`${json ? JSON.stringify(report) : reportText(report)}\n`);
  if (report.equal) return 0;
  throw new LockstepError('runs-differ', report.findings.join('\n'), {
    remedy: `look at both runs in ${out}; repeat with --seed ${report.seed} --plan '${report.plan}'`,
  });
}

/** The undisturbed training failed: its own messages say why. */
function passOn({ ended, said }: Extract<Proof, { ended: unknown }>): number {
  process.stderr.write(said.map((line) => `${line}\n`).join(''));
  return typeof ended === 'number' ? ended : 1;
}

function planOf({ plan, only = faultKinds, seed, kills, every, workers }: ChaosOptions): ChaosPlan {
  return plan ?? planFrom(seed, { kills, every, only, workers });
}

function trainArguments(options: ChaosOptions): readonly string[] {
  const given = argumentsFor(trainOptions, options);
  return [...given, '--grpc', '127.0.0.1:0', '--http', '127.0.0.1:0', '--no-dashboard'];
}
