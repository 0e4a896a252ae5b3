import { signal } from '@preact/signals';
import type { GetPath, Outcome, PostPath, Reply } from './reply.js';

/** An error response of the coordinator, or a missing response. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** HTTP status; 0 without a response. */
    readonly status: number,
    /** One of the codes in docs/errors.md; `unreachable` without a response. */
    readonly code: string,
    message: string,
    /** What the user can do; '' if unknown. */
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  static from(thrown: unknown): ApiError {
    if (thrown instanceof ApiError) return thrown;
    const message = 'the coordinator does not respond';
    return new ApiError(0, 'unreachable', message, 'check that its process is running', {
      cause: thrown,
    });
  }
}

export interface RequestOptions {
  /** Values of the parameters in braces: `{ step: 12 }` for `/api/steps/{step}/timeline`. */
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly signal?: AbortSignal;
}

/** Counts 401 responses: each means that the session has ended. */
export const unauthorizedCount = signal(0);

const PATIENCE_MS = 10_000;
/** `stop` responds when the run is saved. */
const ACT_PATIENCE_MS = 65_000;

/**
 * Sends a GET request to the API.
 *
 * @throws ApiError with the coordinator's error, or `unreachable`
 */
export function fetchJson<Path extends GetPath>(
  path: Path,
  asked: RequestOptions = {},
): Promise<Reply<Path>> {
  return ask<Reply<Path>>(addressOf(path, asked), { method: 'GET' }, PATIENCE_MS, asked.signal);
}

/**
 * Sends a POST request to the API.
 *
 * @throws ApiError as `fetchJson`
 */
export function postJson<Path extends PostPath>(
  path: Path,
  body: object = {},
  asked: RequestOptions = {},
): Promise<Outcome<Path>> {
  const request: RequestInit = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  return ask<Outcome<Path>>(addressOf(path, asked), request, ACT_PATIENCE_MS, asked.signal);
}

/** The address relative to the page, which may be below a path of a proxy. */
export function addressOf(
  path: string,
  { path: names = {}, query = {} }: RequestOptions = {},
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(names[name] ?? '')),
  );
  const asked = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]),
  ).toString();
  return `${filled.replace(/^\//, '')}${asked === '' ? '' : `?${asked}`}`;
}

async function ask<Body>(
  address: string,
  request: RequestInit,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<Body> {
  const patience = AbortSignal.timeout(patienceMs);
  const response = await fetch(address, {
    ...request,
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
  }).catch((error: unknown) => {
    throw ApiError.from(error);
  });
  if (response.ok) return (await response.json()) as Body;
  if (response.status === 401) unauthorizedCount.value += 1;
  throw await problemOf(response);
}

/** The error of a response; the body may be anything if a proxy sent it. */
export async function problemOf(response: Response): Promise<ApiError> {
  const { status, statusText } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const { error } = (body ?? {}) as {
    error?: { code?: string; message?: string; remedy?: string };
  };
  const { code = 'http', message = `${status} ${statusText}`, remedy = '' } = error ?? {};
  return new ApiError(status, code, message, remedy);
}
