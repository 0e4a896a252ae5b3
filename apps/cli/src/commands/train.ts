import { LockstepError } from '@lockstep/core';
import { describeRedisAddress } from '@lockstep/redis';
import { argumentsFor, argumentsOf } from '../options/arguments.js';
import {
  checkpointOption,
  jsonOption,
  leadOptions,
  localOptions,
  redisOptions,
  runOptions,
} from '../options/option-table.js';
import { chosenRun, type ChosenRun } from '../options/chosen-run.js';
import { readRedis } from '../options/read-redis.js';
import { serveOptions } from '../options/security-options.js';
import type { OptionValues } from '../options/resolve-options.js';
import type { CommandDefinition } from '../command.js';
import { HUNG_UP, INTERRUPTED, onInterrupt } from '../interrupt.js';
import { runLocally } from '../local/local-run.js';
import { noteLostOutput } from '../output/lost-output.js';
import { createRunView } from '../output/run-view.js';

/** `--resume` is for the first coordinator alone, as the run is. */
const howOptions = leadOptions.filter(({ flag }) => flag !== 'resume');

export const train: CommandDefinition = {
  name: 'train',
  describe: 'train on this machine: starts Redis, a coordinator and workers',
  options: [
    ...runOptions,
    ...leadOptions,
    checkpointOption,
    ...serveOptions,
    ...redisOptions,
    ...localOptions,
    jsonOption,
  ],
  run: async (options, _words, origins) => {
    const chosen = await chosenRun(options, origins);
    for (const note of chosen.notes) process.stderr.write(`${note}\n`);
    const json = options['json'] === true;
    const view = json ? undefined : createRunView(process.stdout);
    noteLostOutput();
    const interrupt = onInterrupt(
      () => view?.note('stopping: saving the run (Ctrl-C again: stop at once)'),
      () => process.stderr.write(`${HUNG_UP}\n`),
    );
    const redis = await readRedis(options);
    const workers = options['workers'] as number;
    if (workers === 0 && redis === undefined) throw noWorkerCanJoin();
    try {
      const code = await runLocally(
        {
          coordinatorArgs: argumentsFor([...howOptions, ...serveOptions], options),
          firstArgs: runArguments(options, chosen),
          workerArgs: workerArguments(options, chosen),
          workers,
          minWorkers: options['minWorkers'] as number,
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
      interrupt.dispose();
    }
  },
};

/** The run's arguments for the first coordinator; later ones resume the run as it is by then. */
function runArguments(options: OptionValues, { run }: ChosenRun): string[] {
  if ('request' in run) return argumentsFor(runOptions, options);
  const { resume, checkpoint, changes } = run;
  return argumentsOf({ resume, checkpoint, ...changes });
}

/** Only processes that this command starts can reach its embedded Redis. */
function noWorkerCanJoin(): LockstepError {
  return new LockstepError('bad-option', '--workers 0 with an embedded Redis: no worker can join', {
    remedy: 'give --workers 1 or more, or --redis URL with a Redis that your own workers reach too',
  });
}

function howToJoin(grpc: string, redis: string): string {
  return `no workers are started here (--workers 0): start them with \`lockstep worker --coordinator ${grpc} --redis ${redis}\``;
}

/** What a worker must be told that it cannot learn from the coordinator: where things are here. */
function workerArguments(options: OptionValues, { here }: ChosenRun): string[] {
  const { data, model, threads, device } = here;
  // Joining and leaving are the coordinator's to tell: a worker here speaks up only when in trouble.
  const level = (options['logLevel'] as string | undefined) ?? 'warn';
  return argumentsOf({ data, model, threads, device, 'log-level': level });
}
