import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { ServerTls } from '@lockstep/core';
import {
  ConnectionGuard,
  connectionLimits,
  listenOn,
  type BoundAddress,
  type ConnectionLimits,
  type Peer,
} from '@lockstep/security';

/** Handles the requests of a listener. */
export interface HttpApp {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Ends its streams. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Absent: unencrypted HTTP. */
  readonly tls?: ServerTls | undefined;
  /** Whether any free port is used where the requested one is taken. */
  readonly mayMove?: boolean | undefined;
  /** Absent: as many connections as the limit on open files permits. */
  readonly limits?: ConnectionLimits;
}

/** Called with a connection on which a request was made that its credentials permit. */
export type OnAdmitted = (peer: Peer) => void;

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

type LoadApp = (boundHost: string, onAdmitted: OnAdmitted) => Promise<HttpApp>;

/** Listens at once, and loads the app with the first request. */
export class HttpListener {
  readonly #server: Server;
  readonly #load: LoadApp;
  readonly #options: ListenOptions;
  readonly #connections: ConnectionGuard;
  #bound: BoundAddress = { host: '', port: 0 };
  #app: Promise<HttpApp> | undefined;
  #isClosing = false;

  private constructor(load: LoadApp, options: ListenOptions) {
    const { tls, limits = connectionLimits() } = options;
    const timeouts = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
    const respond: RequestListener = (request, response) => this.#respond(request, response);
    this.#load = load;
    this.#options = options;
    this.#connections = new ConnectionGuard(limits);
    this.#server = tls
      ? createSecureServer({ ...timeouts, ...secure(tls) }, respond)
      : createServer(timeouts, respond);
    this.#connections.watch(this.#server);
    this.#server.on('clientError', respondToGarbage);
  }

  /**
   * @param address `host:port`; port 0 picks a free one
   * @param load makes the app
   * @throws LockstepError `port-in-use`, or `bad-option` when the address cannot be bound
   */
  static async start(
    address: string,
    load: LoadApp,
    options: ListenOptions = {},
  ): Promise<HttpListener> {
    const listener = new HttpListener(load, options);
    listener.#bound = await listenOn(listener.#server, '--http', address, options.mayMove);
    return listener;
  }

  /** `http://host:port`, or `https`, as a program on this machine would reach it. */
  get url(): string {
    const { host, port } = this.#bound;
    return `${this.#options.tls ? 'https' : 'http'}://${reachable(host)}:${port}`;
  }

  /** The requested address, where it was taken and another port is used instead. */
  get taken(): string | undefined {
    return this.#bound.taken;
  }

  /** Closes the app, waits for open requests up to `graceMs`, then closes their connections. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await (await this.#app?.catch(() => undefined))?.close();
    this.#server.closeIdleConnections();
    // Those without a request, in a TLS handshake for example, are unknown to the HTTP server.
    const timer = setTimeout(() => this.#connections.closeAll(), graceMs);
    await closed;
    clearTimeout(timer);
  }

  #respond(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isClosing) return void response.writeHead(503, { connection: 'close' }).end();
    this.#connections.asked(request.socket);
    this.#app ??= this.#load(this.#bound.host, (peer) => this.#connections.admitted(peer));
    this.#app.then(
      (app) => app.handle(request, response),
      (error: unknown) => {
        process.emitWarning(error instanceof Error ? error : String(error));
        response.writeHead(500, { connection: 'close' }).end();
      },
    );
  }
}

function secure({ certificate, key }: ServerTls): SecureContextOptions {
  return { cert: certificate, key, minVersion: 'TLSv1.2' };
}

/** A host to connect to, where the bound one is a wildcard. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** Says what was wrong where the peer can still read it, and closes the connection. */
function respondToGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  // A TLS handshake that failed leaves a socket that is not writable, or never becomes so.
  const isHttp = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' || error.code?.startsWith('HPE_');
  if (!isHttp || !socket.writable) return void socket.destroy();
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  socket.destroySoon();
}
