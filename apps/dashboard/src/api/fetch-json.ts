import { signal } from '@preact/signals';
import { ApiError } from './api-error.js';
import type { GetPath, Outcome, PostPath, Reply } from './reply.js';

export interface Asked {
  /** For the names in braces: `{ step: 12 }` for `/api/steps/{step}/timeline`. */
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly signal?: AbortSignal;
}

/** Counts the answers that asked for a login: a session is over. */
export const loginsAsked = signal(0);

const PATIENCE_MS = 10_000;
/** A stop answers when the run is saved. */
const ACT_PATIENCE_MS = 65_000;

/**
 * Reads an address of the API.
 *
 * @throws ApiError with what the coordinator says, or `unreachable`
 */
export function fetchJson<Path extends GetPath>(
  path: Path,
  asked: Asked = {},
): Promise<Reply<Path>> {
  return ask<Reply<Path>>(addressOf(path, asked), { method: 'GET' }, PATIENCE_MS, asked.signal);
}

/**
 * Does something.
 *
 * @throws ApiError as `fetchJson`
 */
export function postJson<Path extends PostPath>(
  path: Path,
  body: object = {},
  asked: Asked = {},
): Promise<Outcome<Path>> {
  const request: RequestInit = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  return ask<Outcome<Path>>(addressOf(path, asked), request, ACT_PATIENCE_MS, asked.signal);
}

/** Relative to the page, which may lie behind a proxy's path. */
export function addressOf(path: string, { path: names = {}, query = {} }: Asked = {}): string {
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
  if (response.status === 401) loginsAsked.value += 1;
  throw await problemOf(response);
}

/** What an answer says went wrong; a proxy in front may answer with anything. */
export async function problemOf(response: Response): Promise<ApiError> {
  const { status, statusText } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const { error } = (body ?? {}) as {
    error?: { code?: string; message?: string; remedy?: string };
  };
  const { code = 'http', message = `${status} ${statusText}`, remedy = '' } = error ?? {};
  return new ApiError(status, code, message, remedy);
}
