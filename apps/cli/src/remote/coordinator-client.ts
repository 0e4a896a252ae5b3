import type { ControlAnswer, RunReport, ScaleAnswer, WorkersReport } from '@lockstep/observe';
import { errorCatalogue, LockstepError, type ErrorCode } from '@lockstep/core';

/** A coordinator's HTTP API, as far as commands use it. */
export interface CoordinatorClient {
  readonly url: string;
  run(): Promise<RunReport>;
  workers(): Promise<WorkersReport>;
  pause(): Promise<ControlAnswer>;
  resume(): Promise<ControlAnswer>;
  /** Resolves when the run is saved. */
  stop(): Promise<ControlAnswer>;
  scale(workers: number): Promise<ScaleAnswer>;
}

const PATIENCE_MS = 15_000;
/** The run is saved before a stop is answered. */
const STOP_PATIENCE_MS = 90_000;

/** What a client shows, and whom it trusts. */
export interface Credentials {
  readonly token?: string;
  /** PEM of the authority; the system's where it is absent. */
  readonly ca?: Buffer;
}

/**
 * Methods throw LockstepError `coordinator-unreachable`, `certificate-refused`, or what the
 * coordinator refuses with.
 *
 * @param url `http://host:port`, or `https`
 */
export function createCoordinatorClient(
  url: string,
  credentials: Credentials = {},
): CoordinatorClient {
  const ask = requester(url, credentials);
  const get = <Answer>(path: string): Promise<Answer> => ask(path, {});
  const post = <Answer>(path: string, body: object, patienceMs?: number): Promise<Answer> =>
    ask(path, { body, ...(patienceMs === undefined ? {} : { patienceMs }) });
  return {
    url,
    run: () => get('/api/run'),
    workers: () => get('/api/workers'),
    pause: () => post('/api/run/pause', {}),
    resume: () => post('/api/run/resume', {}),
    stop: () => post('/api/run/stop', {}, STOP_PATIENCE_MS),
    scale: (workers) => post('/api/workers/scale', { workers }),
  };
}

type Ask = <Answer>(path: string, what: { body?: object; patienceMs?: number }) => Promise<Answer>;

function requester(url: string, { token, ca }: Credentials): Ask {
  const send = direct(ca);
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return async (path, { body, patienceMs = PATIENCE_MS }) => {
    const json = body && { method: 'POST', body: JSON.stringify(body) };
    const headers = { ...authorization, ...(body && { 'content-type': 'application/json' }) };
    let response: Response;
    let answer: unknown;
    try {
      const signal = AbortSignal.timeout(patienceMs);
      response = await send(new URL(path, url), { ...json, headers, signal, redirect: 'error' });
      answer = await response.json();
    } catch (cause) {
      throw untrusted(url, cause) ?? unreachable(url, reasonOf(cause), cause);
    }
    if (response.ok) return answer as never;
    throw refusal(answer) ?? unreachable(url, `what answers there is no coordinator`);
  };
}

/**
 * As `fetch`, which cannot trust an authority of its own, and with `NODE_USE_ENV_PROXY` would send even
 * requests to this machine through a proxy.
 */
function direct(ca: Buffer | undefined): typeof fetch {
  const loaded = import('undici').then(({ Agent, fetch }) => ({
    fetch,
    dispatcher: new Agent(ca === undefined ? {} : { connect: { ca } }),
  }));
  loaded.catch(() => undefined);
  return async (input, init) => {
    const { fetch, dispatcher } = await loaded;
    const answer: unknown = await fetch(input as URL, { ...(init as object), dispatcher });
    return answer as Response;
  };
}

/** Codes of Node and OpenSSL for a certificate that cannot be trusted. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|ERR_SSL|EPROTO/;

function untrusted(url: string, error: unknown): LockstepError | undefined {
  const { cause } = error as { cause?: { code?: unknown; message?: string } };
  if (typeof cause?.code !== 'string' || !UNTRUSTED.test(cause.code)) return undefined;
  return new LockstepError('certificate-refused', `no safe connection to ${url}: ${cause.code}`, {
    remedy: 'give --tls-ca FILE with the authority of the coordinator’s certificate',
    cause: error,
  });
}

/** `fetch failed` says nothing: the cause below it does. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  if (error instanceof SyntaxError) return 'what answers there is no coordinator';
  return cause?.message || message || String(error);
}

function refusal(answer: unknown): LockstepError | undefined {
  const { error } = (answer ?? {}) as { error?: Record<string, unknown> };
  if (typeof error?.['code'] !== 'string' || !(error['code'] in errorCatalogue)) return undefined;
  return new LockstepError(error['code'] as ErrorCode, String(error['message']), {
    remedy: String(error['remedy']),
  });
}

export function unreachable(url: string, reason: string, cause?: unknown): LockstepError {
  return new LockstepError(
    'coordinator-unreachable',
    `no coordinator answers at ${url}: ${reason}`,
    {
      remedy: 'check the address, which the run’s header shows, or give --http HOST:PORT',
      cause,
    },
  );
}
