import type { ControlAnswer, RunReport, ScaleAnswer, WorkersReport } from '@lockstep/observe';
import { errorCatalogue, LockstepError, type ErrorCode } from '@lockstep/core';

const PATIENCE_MS = 15_000;
/** The run is saved before a stop is answered. */
const STOP_PATIENCE_MS = 90_000;

/** What a client shows, and whom it trusts. */
export interface Credentials {
  readonly token?: string;
  /** PEM of the authority; the system's where it is absent. */
  readonly ca?: Buffer;
}

interface Request {
  /** Sent as JSON by POST; absent: a GET. */
  readonly body?: object;
  readonly patienceMs?: number;
}

/**
 * A coordinator's HTTP API, as far as commands use it. Methods throw LockstepError
 * `coordinator-unreachable`, `certificate-refused`, or what the coordinator refuses with.
 */
export class CoordinatorClient {
  readonly url: string;
  readonly #send: typeof fetch;
  readonly #authorization: Readonly<Record<string, string>>;

  /** @param url `http://host:port`, or `https` */
  constructor(url: string, { token, ca }: Credentials = {}) {
    this.url = url;
    this.#send = direct(ca);
    this.#authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  run(): Promise<RunReport> {
    return this.#ask('/api/run');
  }

  workers(): Promise<WorkersReport> {
    return this.#ask('/api/workers');
  }

  pause(): Promise<ControlAnswer> {
    return this.#ask('/api/run/pause', { body: {} });
  }

  resume(): Promise<ControlAnswer> {
    return this.#ask('/api/run/resume', { body: {} });
  }

  /** Resolves when the run is saved. */
  stop(): Promise<ControlAnswer> {
    return this.#ask('/api/run/stop', { body: {}, patienceMs: STOP_PATIENCE_MS });
  }

  scale(workers: number): Promise<ScaleAnswer> {
    return this.#ask('/api/workers/scale', { body: { workers } });
  }

  async #ask<Answer>(path: string, request: Request = {}): Promise<Answer> {
    const { url } = this;
    let response: Response;
    let answer: unknown;
    try {
      response = await this.#send(new URL(path, url), this.#init(request));
      answer = await response.json();
    } catch (cause) {
      throw untrusted(url, cause) ?? unreachable(url, reasonOf(cause), cause);
    }
    if (response.ok) return answer as Answer;
    throw refusal(answer) ?? unreachable(url, `what answers there is no coordinator`);
  }

  #init({ body, patienceMs = PATIENCE_MS }: Request): RequestInit {
    const common = { signal: AbortSignal.timeout(patienceMs), redirect: 'error' } as const;
    if (body === undefined) return { ...common, headers: this.#authorization };
    const headers = { ...this.#authorization, 'content-type': 'application/json' };
    return { ...common, method: 'POST', body: JSON.stringify(body), headers };
  }
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
