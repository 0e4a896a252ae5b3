import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { LockstepError } from '@lockstep/core';
import { startTracer } from '@lockstep/tracing';
import { readClientTls, readSecret, watchFile } from '@lockstep/security';
import {
  isDetail,
  isTrouble,
  startWorker,
  type JoinToken,
  type WorkerEvent,
  type WorkerOptions,
} from '@lockstep/worker';
import type { Logger } from 'pino';
import { collectAtOnce } from '../collect-at-once.js';
import type { CommandDefinition } from '../command.js';
import { HUNG_UP, INTERRUPTED, onInterrupt } from '../interrupt.js';
import { addressesFromParent } from '../local/address-channel.js';
import { supervisedOption } from '../options/cluster-options.js';
import {
  redisOptions,
  runOptions,
  workerOptions,
  type OptionEntry,
} from '../options/option-table.js';
import { createLogger } from '../output/logger.js';
import { joinOptions } from '../options/security-options.js';
import { readRedis } from '../options/read-redis.js';
import type { OptionValues } from '../options/resolve-options.js';
import { hasParent, onParentGone } from '../parent.js';

/** Data, model, threads and device are the run's own unless said otherwise: no defaults here. */
const shared: readonly OptionEntry[] = runOptions
  .filter(({ flag }) => ['data', 'model', 'threads', 'device'].includes(flag))
  .map(({ flag, value, describe, schema }) => ({
    ...{ flag, value, describe, schema },
    defaultText: 'the run’s own',
  }));

/** How long a worker waits where no supervisor would start it again. */
const USUAL_PATIENCE_MS = 300_000;

export const worker: CommandDefinition = {
  name: 'worker',
  describe: 'compute for a run, on this machine',
  options: [...workerOptions, ...joinOptions, ...redisOptions, supervisedOption, ...shared],
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
    const tls = await readClientTls({
      certificate: text('tlsCert'),
      key: text('tlsKey'),
      ca: text('tlsCa'),
    });
    const joinToken = await openJoinToken(text('joinTokenFile'), (reason) =>
      log.warn({ reason }, 'trouble'),
    );
    const isSupervised = options['supervised'] === true && !hasParent();
    const patience = options['patience'] as number | undefined;
    const working = startWorker({
      ...(tls && { tls }),
      ...(joinToken && { joinToken }),
      ...(await addresses(text('coordinator'), options)),
      id,
      ...(data === undefined ? {} : { data }),
      ...(model === undefined ? {} : { model }),
      ...(threads === undefined ? {} : { threads }),
      ...(device === undefined ? {} : { device }),
      ...(http === undefined ? {} : { http }),
      leaveWhen: leaveWhen(options),
      supervised: isSupervised,
      patienceMs: patience ?? (isSupervised ? Infinity : USUAL_PATIENCE_MS),
      tracer,
      onEvent: record,
    });
    const interrupt = onInterrupt(
      () => working.drain('it was asked to leave'),
      () => log.info(HUNG_UP),
    );
    interrupt.hurry.addEventListener('abort', () => process.exit(INTERRUPTED));
    // Nobody waits for the answer any more: not even the shard in hand is worth finishing.
    const forgetParent = onParentGone(() => process.exit(1));
    try {
      const { interrupted, reason } = await working.outcome;
      log.info({ reason }, 'done');
      return interrupted ? INTERRUPTED : 0;
    } finally {
      await tracer.close();
      forgetParent();
      interrupt.dispose();
    }
  },
};

/** As given, else by whether a supervisor restarts this process. */
function leaveWhen(options: OptionValues): NonNullable<WorkerOptions['leaveWhen']> {
  // `lockstep train` ends with its run, whatever the environment says.
  if (hasParent()) return 'ended';
  const given = options['leaveWhen'] as WorkerOptions['leaveWhen'];
  return given ?? (options['supervised'] === true ? 'never' : 'ended');
}

/** @param trouble told why a file that has changed cannot be read: the token before it is kept */
async function openJoinToken(
  path: string | undefined,
  trouble: (reason: string) => void,
): Promise<JoinToken | undefined> {
  if (path === undefined) return undefined;
  const file = await watchFile(path, (each) => readSecret(each, '--join-token-file'));
  return {
    current: () => file.content,
    refresh: async () => {
      await file.refresh().catch((error: unknown) => trouble(LockstepError.from(error).message));
    },
  };
}

/** As given; a worker of the local mode is told them once they are known. */
async function addresses(
  coordinator: string | undefined,
  options: OptionValues,
): Promise<Pick<WorkerOptions, 'addresses'>> {
  if (coordinator === undefined && hasParent()) return { addresses: addressesFromParent() };
  const known = {
    coordinator: required(coordinator, 'coordinator', 'HOST:PORT of the coordinator'),
    redis: required(await readRedis(options), 'redis', 'the address of the run’s Redis'),
  };
  return { addresses: known };
}

function required<Value>(value: Value | undefined, flag: string, what: string): Value {
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
