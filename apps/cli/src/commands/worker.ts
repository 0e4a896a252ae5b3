import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { LockstepError } from '@lockstep/core';
import { startTracer } from '@lockstep/tracing';
import {
  isDetail,
  isTrouble,
  startWorker,
  type RunAddresses,
  type WorkerEvent,
  type WorkerOptions,
} from '@lockstep/worker';
import type { Logger } from 'pino';
import { collectAtOnce } from '../collect-at-once.js';
import type { CommandDefinition } from '../command.js';
import { INTERRUPTED, onInterrupt } from '../interrupt.js';
import { addressesFromParent } from '../local/address-channel.js';
import { supervisedOption } from '../options/cluster-options.js';
import {
  redisOption,
  runOptions,
  workerOptions,
  type OptionEntry,
} from '../options/option-table.js';
import { createLogger } from '../output/logger.js';
import { hasParent, onParentGone } from '../parent.js';

/** Data, model, threads and device are the run's own unless said otherwise: no defaults here. */
const shared: readonly OptionEntry[] = runOptions
  .filter(({ flag }) => ['data', 'model', 'threads', 'device'].includes(flag))
  .map(({ flag, value, describe, schema }) => ({
    ...{ flag, value, describe, schema },
    defaultText: 'the run’s own',
  }));

export const worker: CommandDefinition = {
  name: 'worker',
  describe: 'compute for a run, on this machine',
  options: [...workerOptions, redisOption, supervisedOption, ...shared],
  run: async (options) => {
    collectAtOnce();
    const id =
      (options['id'] as string | undefined) ?? `${hostname()}-${randomBytes(3).toString('hex')}`;
    const text = (key: string): string | undefined => options[key] as string | undefined;
    const log = createLogger(text('logLevel') ?? 'info', { worker: id });
    const record = createRecorder(log);
    const data = text('data');
    const model = text('model');
    const threads = options['threads'] as number | undefined;
    const tracer = await startTracer('lockstep-worker', id);
    const device = options['device'] as WorkerOptions['device'];
    // All workers of one `lockstep train` share an environment, but no address.
    const http = hasParent() ? undefined : text('http');
    const working = startWorker({
      addresses: addresses(text('coordinator'), text('redis') ?? process.env['REDIS_URL']),
      id,
      ...(data === undefined ? {} : { data }),
      ...(model === undefined ? {} : { model }),
      ...(threads === undefined ? {} : { threads }),
      ...(device === undefined ? {} : { device }),
      ...(http === undefined ? {} : { http }),
      stays: options['supervised'] === true && !hasParent(),
      patienceMs: options['patience'] as number,
      tracer,
      onEvent: record,
    });
    const interrupt = onInterrupt(() => working.drain('it was asked to leave'));
    interrupt.hurry.addEventListener('abort', () => process.exit(INTERRUPTED));
    // Nobody waits for the answer any more: not even the shard in hand is worth finishing.
    const forgetParent = onParentGone(() => process.exit(1));
    try {
      log.info({ reason: await working.outcome }, 'done');
      return 0;
    } finally {
      await tracer.close();
      forgetParent();
      interrupt.dispose();
    }
  },
};

/** As typed; a worker of the local mode is told them once they are known. */
function addresses(coordinator?: string, redis?: string): RunAddresses | Promise<RunAddresses> {
  if (coordinator === undefined && hasParent()) return addressesFromParent();
  return {
    coordinator: required(coordinator, 'coordinator', 'HOST:PORT of the coordinator'),
    redis: required(redis, 'redis', 'the address of the run’s Redis'),
  };
}

function required(value: string | undefined, flag: string, what: string): string {
  if (value !== undefined) return value;
  throw new LockstepError('bad-option', `--${flag} is missing`, { remedy: `give ${what}` });
}

/** Writes down what a worker says of itself; once it has joined, with the run and its term. */
function createRecorder(log: Logger): (event: WorkerEvent) => void {
  let run = log;
  return (event) => {
    if (event.what === 'joined') run = log.child({ run: event.runId, term: event.term });
    const { what, ...fields } = event;
    run[levelOf(event)](namedForLog(fields), what);
  };
}

function levelOf(event: WorkerEvent): 'warn' | 'debug' | 'info' {
  if (isTrouble(event)) return 'warn';
  return isDetail(event) ? 'debug' : 'info';
}

/** The log says `shard` where an event says `index`; the run is on every line already. */
function namedForLog({ index, runId: _run, term: _term, ...fields }: Record<string, unknown>) {
  return index === undefined ? fields : { shard: index, ...fields };
}
