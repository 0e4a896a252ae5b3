import { startCoordinator, type CoordinatorOptions } from '@lockstep/coordinator';
import { LockstepError, type RunEvent } from '@lockstep/core';
import { startTracer } from '@lockstep/tracing';
import { collectAtOnce } from '../collect-at-once.js';
import type { CommandDefinition } from '../command.js';
import { HUNG_UP, INTERRUPTED, onInterrupt } from '../interrupt.js';
import { redisFromParent } from '../local/address-channel.js';
import { chosenRun, runFromParent } from '../options/chosen-run.js';
import { clusterOptions } from '../options/cluster-options.js';
import {
  checkpointOption,
  jsonOption,
  leadOptions,
  redisOptions,
  runOptions,
} from '../options/option-table.js';
import { joinTokensOption, serveOptions, tlsCaOption } from '../options/security-options.js';
import { readRedis } from '../options/read-redis.js';
import type { OptionValues } from '../options/resolve-options.js';
import { coordinatorOptions } from '../options/run-request.js';
import { chosenScaler } from '../options/scaler.js';
import { createLogger } from '../output/logger.js';
import { noteLostOutput } from '../output/lost-output.js';
import { createRunView } from '../output/run-view.js';
import { hasParent, onParentGone } from '../parent.js';

/** How long a coordinator may take to save its run when the process that started it is gone. */
const ORPHAN_GRACE_MS = 10_000;

export const coordinator: CommandDefinition = {
  name: 'coordinator',
  describe: 'lead a run, for workers on any machine',
  options: [
    ...runOptions,
    ...leadOptions,
    checkpointOption,
    ...serveOptions,
    tlsCaOption,
    joinTokensOption,
    ...redisOptions,
    ...clusterOptions,
    jsonOption,
  ],
  run: async (options, _words, origins) => {
    collectAtOnce();
    const { run, notes } = hasParent()
      ? { run: runFromParent(options, origins), notes: [] }
      : await chosenRun(options, origins);
    const scaler = chosenScaler(options, origins);
    const { redis } = await redisAddress(options);
    const view = options['json'] === true ? undefined : createRunView(process.stdout);
    const onEvent = (event: RunEvent): void => {
      if (view) view.show(event);
      else process.stdout.write(`${JSON.stringify(event)}\n`);
    };
    const tracer = await startTracer('lockstep-coordinator');
    const level = options['logLevel'] as string | undefined;
    const log = createLogger(level ?? usualLevel(view !== undefined), {});
    for (const note of notes) log.warn({ reason: note }, 'option-not-used');
    const coordinating = startCoordinator({
      // `lockstep train` ends with its run, whatever the environment says.
      ...coordinatorOptions(
        hasParent() ? { ...options, supervised: false } : options,
        run,
        redis,
        onEvent,
      ),
      ...(scaler ? { scaler } : {}),
      tracer,
      log,
    });
    noteLostOutput();
    const interrupt = onInterrupt(
      () => coordinating.stop('it was interrupted'),
      () => log.info(HUNG_UP),
    );
    // A supervisor may signal a process and its parent, which passes the signal on: only a person,
    // or the parent by SIGKILL, is in a hurry.
    if (!hasParent()) {
      interrupt.hurry.addEventListener('abort', () => process.exit(INTERRUPTED));
    }
    const forgetParent = onParentGone(() => {
      coordinating.stop('the process that started it is gone');
      // Its Redis is gone too, and could be waited for without end.
      setTimeout(() => process.exit(1), ORPHAN_GRACE_MS).unref();
    });
    try {
      const { state } = await coordinating.outcome;
      return state === 'finished' ? 0 : INTERRUPTED;
    } finally {
      await tracer.close();
      view?.close();
      forgetParent();
      interrupt.dispose();
    }
  },
};

/** A person who watches the run on a terminal is told what is worth it there already. */
function usualLevel(isWatched: boolean): string {
  return hasParent() || (isWatched && process.stdout.isTTY) ? 'warn' : 'info';
}

/** As given; a coordinator of the local mode is told it once it is known. */
async function redisAddress(options: OptionValues): Promise<Pick<CoordinatorOptions, 'redis'>> {
  const address =
    hasParent() && options['redis'] === undefined ? undefined : await readRedis(options);
  if (address !== undefined) return { redis: address };
  if (hasParent()) return { redis: redisFromParent() };
  throw new LockstepError('bad-option', '--redis is missing', {
    remedy: 'give the address of a Redis that the workers reach too, or set REDIS_URL',
  });
}
