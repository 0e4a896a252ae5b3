import { argumentsFor, argumentsOf } from '../options/arguments.js';
import {
  checkpointOption,
  jsonOption,
  leadOptions,
  localOptions,
  redisOptions,
  runOptions,
} from '../options/option-table.js';
import { readRedis } from '../options/read-redis.js';
import { serveOptions } from '../options/security-options.js';
import type { OptionValues } from '../options/resolve-options.js';
import type { CommandDefinition } from '../command.js';
import { INTERRUPTED, onInterrupt } from '../interrupt.js';
import { runLocally } from '../local/local-run.js';
import { createRunView } from '../output/run-view.js';

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
  run: async (options) => {
    const json = options['json'] === true;
    const view = json ? undefined : createRunView(process.stdout);
    const interrupt = onInterrupt(() =>
      view?.note('stopping: saving the run (again to end at once)'),
    );
    const redis = await readRedis(options);
    try {
      const code = await runLocally(
        {
          coordinatorArgs: argumentsFor([...runOptions, ...leadOptions, ...serveOptions], options),
          firstArgs: argumentsFor([checkpointOption], options),
          workerArgs: await workerArguments(options),
          workers: options['workers'] as number,
          minWorkers: options['minWorkers'] as number,
          ...(redis === undefined ? {} : { redis }),
          onEvent: (event, line) => {
            if (json) process.stdout.write(`${line}\n`);
            view?.show(event);
          },
          onRedis: ({ kind, version }) =>
            view?.fact(
              'redis',
              `${kind === 'external' ? 'external' : 'embedded'}, version ${version}`,
            ),
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

/** What a worker must be told that it cannot learn from the coordinator: where things are here. */
async function workerArguments(options: OptionValues): Promise<string[]> {
  const resume = options['resume'] as string | undefined;
  const { data, model, threads, device } =
    resume === undefined ? options : await whereabouts(options['out'] as string, resume);
  // Joining and leaving are the coordinator's to tell: a worker here speaks up only when in trouble.
  const level = (options['logLevel'] as string | undefined) ?? 'warn';
  const values = { data, model, threads, device, 'log-level': level };
  return argumentsOf(values as Record<string, string | number>);
}

/** A run that is taken up keeps its own data, model, threads and device. */
async function whereabouts(out: string, run: string): Promise<OptionValues> {
  // Loaded here alone: a new run's processes need not wait for it.
  const { openRunFolder } = await import('@lockstep/coordinator');
  const { data, model, spec } = (await openRunFolder(out, run)).record;
  return { data, model, threads: spec.threads, device: spec.device };
}
