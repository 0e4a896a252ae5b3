import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { LockstepError, toName } from '@lockstep/core';
import { startTracer } from '@lockstep/tracing';
import { readClientTls, readSecret, watchFile } from '@lockstep/security';
import {
  isDetail,
  isTrouble,
  startWorker,
  systemPorts,
  type JoinToken,
  type WorkerEvent,
  type WorkerOptions,
} from '@lockstep/worker';
import type { Logger } from 'pino';
import { collectAtOnce } from '../collect-at-once.js';
import { defineCommand } from '../command.js';
import { HUNG_UP, INTERRUPTED, onInterrupt } from '../interrupt.js';
import { addressesFromParent } from '../local/address-channel.js';
import { supervisedOption } from '../options/cluster-options.js';
import { redeclared, type Values } from '../options/option.js';
import { readRedis, redisOptions } from '../options/redis-options.js';
import { runOptions, workerOptions } from '../options/run-options.js';
import { oneOf, text, whole } from '../options/schemas.js';
import { joinOptions } from '../options/security-options.js';
import { createLogger } from '../output/logger.js';
import { hasParent, onParentGone } from '../parent.js';

const defaultText = 'that of the run';

const table = {
  ...workerOptions,
  ...joinOptions,
  ...redisOptions,
  ...supervisedOption,
  // These are the run's own unless given: no defaults here.
  data: redeclared(runOptions.data, text.optional(), { defaultText }),
  model: redeclared(runOptions.model, text.optional(), { defaultText }),
  threads: redeclared(runOptions.threads, whole(1).optional(), { defaultText }),
  device: redeclared(runOptions.device, oneOf('cpu', 'gpu').optional(), { defaultText }),
};
type WorkerSettings = Values<typeof table>;

/** How long a worker waits where no supervisor would start it again. */
const USUAL_PATIENCE_MS = 300_000;

export const worker = defineCommand({
  name: 'worker',
  loadsTensorFlow: 'beside a terminal',
  describe: 'compute for a run, on this machine',
  options: table,
  run: async ({ options }) => {
    collectAtOnce();
    const id = options.id ?? `${toName(hostname())}-${randomBytes(3).toString('hex')}`;
    const root = createLogger(options.logLevel ?? 'info', {});
    const log = root.child({ worker: id });
    const tracer = await startTracer('lockstep-worker', id);
    const settings: WorkerOptions = {
      ...(await connection(options, log)),
      ...{ id, tracer, onEvent: createRecorder(root, log) },
      ...given(options),
    };
    const working = startWorker(settings, systemPorts(settings));
    const interrupt = onInterrupt(
      () => working.drain('it was asked to leave'),
      () => log.info(HUNG_UP),
    );
    interrupt.hurry.addEventListener('abort', () => process.exit(INTERRUPTED));
    // No coordinator is left to take a contribution: the current shard is not worth finishing.
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
});

/** How it reaches its run, and how both prove who they are. */
async function connection(
  options: WorkerSettings,
  log: Logger,
): Promise<Pick<WorkerOptions, 'addresses' | 'tls' | 'joinToken'>> {
  const { tlsCert: certificate, tlsKey: key, tlsCa: ca } = options;
  const tls = await readClientTls({ certificate, key, ca });
  const joinToken = await openJoinToken(options.joinTokenFile, (reason) =>
    log.warn({ reason }, 'warning'),
  );
  const at = await addresses(options);
  return { ...at, ...(tls && { tls }), ...(joinToken && { joinToken }) };
}

/** The options of the engine and of the worker's life, with defaults that depend on who started it. */
function given(options: WorkerSettings): Omit<WorkerOptions, 'addresses' | 'id' | 'onEvent'> {
  const { data, model, threads, device, http, patience, leaveWhen } = options;
  const isSupervised = options.supervised && !hasParent();
  return {
    ...(data === undefined ? {} : { data }),
    ...(model === undefined ? {} : { model }),
    ...(threads === undefined ? {} : { threads }),
    ...(device === undefined ? {} : { device }),
    // All workers of one `lockstep train` share an environment, but no address.
    ...(http === undefined || hasParent() ? {} : { http }),
    // `lockstep train` ends with its run, whatever the environment says.
    leaveWhen: hasParent() ? 'ended' : (leaveWhen ?? (options.supervised ? 'never' : 'ended')),
    supervised: isSupervised,
    patienceMs: patience ?? (isSupervised ? Infinity : USUAL_PATIENCE_MS),
  };
}

/** @param warn called where a changed file cannot be read: the previous token is kept */
async function openJoinToken(
  path: string | undefined,
  warn: (reason: string) => void,
): Promise<JoinToken | undefined> {
  if (path === undefined) return undefined;
  const file = await watchFile(path, (each) => readSecret(each, '--join-token-file'));
  return {
    current: () => file.content,
    refresh: async () => {
      await file.refresh().catch((error: unknown) => warn(LockstepError.from(error).message));
    },
  };
}

/** As given; in the local mode the parent sends them once they are known. */
async function addresses(options: WorkerSettings): Promise<Pick<WorkerOptions, 'addresses'>> {
  const { coordinator } = options;
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

/**
 * Logs a worker's events; once it has joined, with the id that it was issued, the run and its term.
 *
 * @param log used until then
 */
function createRecorder(root: Logger, log: Logger): (event: WorkerEvent) => void {
  let run = log;
  return (event) => {
    if (event.what === 'joined') {
      const { worker, runId, term } = event;
      run = root.child({ worker, run: runId, term });
    }
    const { what, ...fields } = event;
    run[levelOf(event)](namedForLog(fields), what);
  };
}

function levelOf(event: WorkerEvent): 'warn' | 'debug' | 'info' {
  if (isTrouble(event)) return 'warn';
  return isDetail(event) ? 'debug' : 'info';
}

/** The log says `shard` where an event says `index`; the run is already on every line. */
function namedForLog(event: Record<string, unknown>) {
  const { index, worker: _worker, runId: _run, term: _term, ...fields } = event;
  return index === undefined ? fields : { shard: index, ...fields };
}
