import { proxyFor } from '@lockstep/proxy';
import { Agent, type Dispatcher, fetch, ProxyAgent, type RequestInit } from 'undici';

/** Address and credentials of an MLflow tracking server. */
export interface MlflowServer {
  /** `http://host:port`, optionally with a path, and with `user:password@` before the host. */
  readonly url: string;
  /** The `authorization` header; absent if none is required. */
  readonly authorization?: string;
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

/** Calls MLflow's REST API, version 2.0. */
export class MlflowRest {
  readonly #base: string;
  readonly #dispatcher: Dispatcher;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, authorization = authorizationIn(url) }: MlflowServer) {
    this.#base = `${placeOf(url)}/api/2.0/mlflow`;
    this.#dispatcher = connectionsTo(url);
    this.#headers = {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    };
  }

  /** @throws MlflowRefusal, or the error of the connection */
  post(path: string, body: object, signal: AbortSignal): Promise<Record<string, unknown>> {
    return this.#call(path, '', { method: 'POST', body: JSON.stringify(body), signal });
  }

  /** @throws MlflowRefusal, or the error of the connection */
  get(
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    return this.#call(path, `?${new URLSearchParams(query).toString()}`, { signal });
  }

  async #call(
    path: string,
    query: string,
    { signal, ...init }: RequestInit & { readonly signal: AbortSignal },
  ): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.#base}/${path}${query}`, {
      ...init,
      dispatcher: this.#dispatcher,
      headers: this.#headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const answer = objectIn(await response.text());
    if (response.ok && answer) return answer;
    const word = (key: string): string => (typeof answer?.[key] === 'string' ? answer[key] : '');
    throw new MlflowRefusal(path, response.status, word('error_code'), word('message'));
  }
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
