import { proxyFor } from '@lockstep/proxy';
import { Agent, type Dispatcher, fetch, ProxyAgent, type RequestInit } from 'undici';

/** Address and credentials of an MLflow tracking server. */
export interface MlflowServer {
  /** `http://host:port`, optionally with a path, and with `user:password@` before the host. */
  readonly url: string;
  /** The `authorization` header; absent if none is required. */
  readonly authorization?: string;
}

/** Calls MLflow's REST API, version 2.0. */
export interface MlflowRest {
  post(path: string, body: object, signal: AbortSignal): Promise<Record<string, unknown>>;
  get(
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>>;
}

/** The server responded with an error or unexpected content. */
export class MlflowRefusal extends Error {
  override readonly name = 'MlflowRefusal';
  /** MLflow's error code, such as `RESOURCE_DOES_NOT_EXIST`. */
  readonly code: string;

  constructor(path: string, status: number, code: string, message: string) {
    super(`${path} was answered with ${status} ${code} ${message}`.trim().slice(0, 300));
    this.code = code;
  }
}

const PATIENCE_MS = 10_000;

export function createMlflowRest(server: MlflowServer): MlflowRest {
  const base = `${placeOf(server.url)}/api/2.0/mlflow`;
  const dispatcher = connectionsTo(server.url);
  const authorization = server.authorization ?? authorizationIn(server.url);
  const call = async (path: string, address: string, init: RequestInit, signal: AbortSignal) => {
    const response = await fetch(address, {
      ...init,
      dispatcher,
      headers: {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const answer = objectIn(await response.text());
    if (response.ok && answer) return answer;
    const word = (key: string): string => (typeof answer?.[key] === 'string' ? answer[key] : '');
    throw new MlflowRefusal(path, response.status, word('error_code'), word('message'));
  };
  return {
    post: (path, body, signal) =>
      call(path, `${base}/${path}`, { method: 'POST', body: JSON.stringify(body) }, signal),
    get: (path, query, signal) =>
      call(path, `${base}/${path}?${new URLSearchParams(query).toString()}`, {}, signal),
  };
}

/** Uses the proxy set in the environment; Node's `fetch` uses none by default. */
function connectionsTo(url: string): Dispatcher {
  const uri = proxyFor(url);
  if (uri === undefined) return new Agent();
  // Plain HTTP is forwarded by the proxy, since many proxies allow tunnels only for HTTPS.
  return new ProxyAgent({ uri, proxyTunnel: url.startsWith('https:') });
}

/** A server's address without credentials and without a trailing slash. */
export function placeOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}

function authorizationIn(url: string): string | undefined {
  const { username, password } = new URL(url);
  if (username === '') return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
