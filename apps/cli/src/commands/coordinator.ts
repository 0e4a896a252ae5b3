import {
  KubernetesScaler,
  startCoordinator,
  type Coordinator,
  type CoordinatorOptions,
  type WorkerScaler,
} from '@lockstep/coordinator';
import { LockstepError, type RunEvent } from '@lockstep/core';
import { startTracer } from '@lockstep/tracing';
import type { Logger } from 'pino';
import { collectAtOnce } from '../collect-at-once.js';
import { defineCommand } from '../command.js';
import { HUNG_UP, INTERRUPTED, onInterrupt, type Interrupt } from '../interrupt.js';
import { redisFromParent } from '../local/address-channel.js';
import { obeyParent } from '../local/control-channel.js';
import { parentScaler } from '../local/scale-channel.js';
import { chosenRun, runFromParent } from '../options/chosen-run.js';
import { clusterOptions } from '../options/cluster-options.js';
import type { Values } from '../options/option.js';
import { readRedis, redisOptions } from '../options/redis-options.js';
import { refuseUnused } from '../options/refuse-unused.js';
import type { Origins } from '../options/resolve-options.js';
import {
  anyPortOption,
  checkpointOption,
  jsonOption,
  leadOptions,
  runOptions,
} from '../options/run-options.js';
import { coordinatorOptions } from '../options/run-request.js';
import { joinTokensOption, serveOptions, tlsCaOption } from '../options/security-options.js';
import { createLogger } from '../output/logger.js';
import { noteLostOutput } from '../output/lost-output.js';
import { RunView } from '../output/run-view.js';
import { hasParent, onParentGone } from '../parent.js';

/** How long a coordinator may take to save its run when the process that started it is gone. */
const ORPHAN_GRACE_MS = 10_000;

const table = {
  ...runOptions,
  ...leadOptions,
  ...checkpointOption,
  ...anyPortOption,
  ...serveOptions,
  ...tlsCaOption,
  ...joinTokensOption,
  ...redisOptions,
  ...clusterOptions,
  ...jsonOption,
};

export const coordinator = defineCommand({
  name: 'coordinator',
  loadsTensorFlow: 'beside a terminal',
  describe: 'lead a run, for workers on any machine',
  options: table,
  run: async ({ options, origins }) => {
    collectAtOnce();
    const { run, notes } = hasParent()
      ? { run: runFromParent(options, origins), notes: [] }
      : await chosenRun(options, origins);
    const scaler = chosenScaler(options, origins);
    const { redis } = await redisAddress(options);
    const view = options.json ? undefined : new RunView(process.stdout);
    const onEvent = (event: RunEvent): void => {
      if (view) view.show(event);
      else process.stdout.write(`${JSON.stringify(event)}\n`);
    };
    const tracer = await startTracer('lockstep-coordinator');
    const log = createLogger(options.logLevel ?? usualLevel(view !== undefined), {});
    for (const note of notes) log.warn({ reason: note }, 'option-not-used');
    const coordinating = startCoordinator({
      // `lockstep train` watches its coordinator and ends with its run, whatever the environment says.
      ...coordinatorOptions(
        hasParent() ? { ...options, supervised: false, probes: undefined } : options,
        run,
        redis,
        onEvent,
      ),
      ...(scaler ? { scaler } : {}),
      tracer,
      log,
    });
    noteLostOutput();
    const interrupt = stopOnInterrupt(coordinating, log);
    const forgetParent = stopWithParent(coordinating);
    const disobey = hasParent() ? obeyParent((action) => coordinating.control(action)) : undefined;
    try {
      const { state } = await coordinating.outcome;
      return state === 'finished' ? 0 : INTERRUPTED;
    } finally {
      await tracer.close();
      view?.close();
      disobey?.();
      forgetParent();
      interrupt.dispose();
    }
  },
});

function stopOnInterrupt(coordinating: Coordinator, log: Logger): Interrupt {
  const interrupt = onInterrupt(
    () => coordinating.stop('it was interrupted'),
    () => log.info(HUNG_UP),
  );
  // A supervisor may signal both a process and its parent, which passes the signal on. So a second
  // signal means "at once" only where a user sent it; the parent uses SIGKILL.
  if (!hasParent()) interrupt.hurry.addEventListener('abort', () => process.exit(INTERRUPTED));
  return interrupt;
}

/** Ends a coordinator whose parent is gone. @returns stops watching for that */
function stopWithParent(coordinating: Coordinator): () => void {
  return onParentGone(() => {
    coordinating.stop('the process that started it is gone');
    // Its Redis is gone too, and could be waited for without end.
    setTimeout(() => process.exit(1), ORPHAN_GRACE_MS).unref();
  });
}

/** On a terminal the view already shows what matters. */
function usualLevel(isWatched: boolean): string {
  return hasParent() || (isWatched && process.stdout.isTTY) ? 'warn' : 'info';
}

/** As given; in the local mode the parent sends it once it is known. */
async function redisAddress(
  options: Values<typeof table>,
): Promise<Pick<CoordinatorOptions, 'redis'>> {
  const address = hasParent() && options.redis === undefined ? undefined : await readRedis(options);
  if (address !== undefined) return { redis: address };
  if (hasParent()) return { redis: redisFromParent() };
  throw new LockstepError('bad-option', '--redis is missing', {
    remedy: 'give the address of a Redis that the workers reach too, or set REDIS_URL',
  });
}

/** What starts and drains workers on request; undefined where users start them. */
function chosenScaler(
  { scaler, scaleTarget: target }: Values<typeof clusterOptions>,
  origins: Origins,
): WorkerScaler | undefined {
  if (scaler !== 'kubernetes') {
    refuseUnused(origins, [{ name: 'scaleTarget', because: 'it is for --scaler kubernetes' }]);
  }
  switch (scaler) {
    case 'none':
      return undefined;
    case 'local':
      return parentScaler();
    case 'kubernetes':
      if (target) return new KubernetesScaler(target);
      throw new LockstepError('bad-option', '--scaler kubernetes needs --scale-target', {
        remedy: 'name the workers’ deployment, or what scales it: deployment/lockstep-worker',
      });
  }
}
