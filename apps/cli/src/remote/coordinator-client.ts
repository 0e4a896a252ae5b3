import type { ControlAnswer, RunReport, ScaleAnswer, WorkersReport } from '@lockstep/coordinator';
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

/**
 * Methods throw LockstepError `coordinator-unreachable`, or what the coordinator refuses with.
 *
 * @param url `http://host:port`
 */
export function createCoordinatorClient(url: string): CoordinatorClient {
  const get = <Answer>(path: string): Promise<Answer> => request(url, path, {});
  const post = <Answer>(path: string, body: object, patienceMs?: number): Promise<Answer> =>
    request(url, path, { body, ...(patienceMs === undefined ? {} : { patienceMs }) });
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

async function request<Answer>(
  url: string,
  path: string,
  { body, patienceMs = PATIENCE_MS }: { body?: object; patienceMs?: number },
): Promise<Answer> {
  const sent = body
    ? {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }
    : {};
  let response: Response;
  let answer: unknown;
  try {
    const signal = AbortSignal.timeout(patienceMs);
    response = await fetch(new URL(path, url), { ...sent, signal, redirect: 'error' });
    answer = await response.json();
  } catch (cause) {
    throw unreachable(url, reasonOf(cause), cause);
  }
  if (response.ok) return answer as Answer;
  throw refusal(answer) ?? unreachable(url, `what answers there is no coordinator`);
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
