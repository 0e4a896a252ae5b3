import { LockstepError } from '@lockstep/core';
import { describeRedisAddress } from '@lockstep/redis';
import { defineCommand } from '../command.js';
import { HUNG_UP, INTERRUPTED, onInterrupt } from '../interrupt.js';
import { runLocally } from '../local/local-run.js';
import { chosenRun, type ChosenRun } from '../options/chosen-run.js';
import { argumentsFor, argumentsOf, type Values } from '../options/option.js';
import { readRedis, redisOptions } from '../options/redis-options.js';
import {
  checkpointOption,
  jsonOption,
  leadOptions,
  localOptions,
  runOptions,
} from '../options/run-options.js';
import { serveOptions } from '../options/security-options.js';
import { noteLostOutput } from '../output/lost-output.js';
import { RunView } from '../output/run-view.js';
import { onParentGone } from '../parent.js';
import { setUpAtFirstUse } from '../set-up-at-first-use.js';
import { programName } from '../program-name.js';

/** `--resume` is for the first coordinator only, as is everything that says which run. */
const { resume: _, ...howOptions } = leadOptions;

const table = {
  ...runOptions,
  ...leadOptions,
  ...checkpointOption,
  ...serveOptions,
  ...redisOptions,
  ...localOptions,
  ...jsonOption,
};
type TrainOptions = Values<typeof table>;

export const train = defineCommand({
  name: 'train',
  describe: 'train on this machine: starts Redis, a coordinator and workers',
  options: table,
  run: async ({ options, origins }) => {
    const chosen = await chosenRun(options, origins);
    for (const note of chosen.notes) process.stderr.write(`${note}\n`);
    const { json, workers, minWorkers } = options;
    const view = json ? undefined : new RunView(process.stdout);
    noteLostOutput();
    const interrupt = onInterrupt(
      () => view?.note('stopping: saving the run (Ctrl-C again: stop at once)'),
      () => process.stderr.write(`${HUNG_UP}\n`),
    );
    const forgetParent = onParentGone(interrupt.stop);
    const redis = await readRedis(options);
    if (workers === 0 && redis === undefined) throw noWorkerCanJoin();
    await setUpAtFirstUse(chosen.here.data);
    try {
      const code = await runLocally(
        {
          coordinatorArgs: argumentsFor({ ...howOptions, ...serveOptions }, options),
          firstArgs: runArguments(options, chosen),
          workerArgs: workerArguments(options, chosen),
          ...{ workers, minWorkers },
          ...(redis === undefined ? {} : { redis }),
          onEvent: (event, line) => {
            if (json) process.stdout.write(`${line}\n`);
            view?.show(event);
            if (event.event === 'listening' && workers === 0 && redis) {
              process.stderr.write(`${howToJoin(event.grpc, describeRedisAddress(redis))}\n`);
            }
          },
          onRedis: ({ kind, version }) =>
            view?.fact('redis', `${kind === 'external' ? 'external' : 'embedded'}, ${version}`),
          onTrouble: (message) => process.stderr.write(`${message}\n`),
        },
        interrupt.signal,
        interrupt.hurry,
      );
      return interrupt.signal.aborted ? INTERRUPTED : code;
    } finally {
      view?.close();
      forgetParent();
      interrupt.dispose();
    }
  },
});

/** The run's arguments for the first coordinator; later ones resume the run as it is by then. */
function runArguments(options: TrainOptions, { run }: ChosenRun): string[] {
  if ('request' in run) return argumentsFor(runOptions, options);
  const { resume, checkpoint, changes } = run;
  return argumentsOf({ resume, checkpoint, ...changes });
}

/** The embedded Redis is reachable only for processes that this command starts. */
function noWorkerCanJoin(): LockstepError {
  return new LockstepError('bad-option', '--workers 0 with an embedded Redis: no worker can join', {
    remedy: 'give --workers 1 or more, or --redis URL with a Redis that your own workers reach too',
  });
}

function howToJoin(grpc: string, redis: string): string {
  return `no workers are started here (--workers 0): start them with \`${programName()} worker --coordinator ${grpc} --redis ${redis}\``;
}

/** Arguments for what a worker cannot learn from the coordinator: paths on this machine. */
function workerArguments({ logLevel = 'warn' }: TrainOptions, { here }: ChosenRun): string[] {
  const { data, model, threads, device } = here;
  // The coordinator reports joining and leaving; workers on this machine only log warnings.
  return argumentsOf({ data, model, threads, device, logLevel });
}
