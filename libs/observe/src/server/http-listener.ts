import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { LockstepError, type ServerTls } from '@lockstep/core';
import {
  ConnectionGuard,
  connectionLimits,
  listenOn,
  type ConnectionLimits,
  type Peer,
} from '@lockstep/security';

/** Handles the requests of a listener. */
export interface HttpApp {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Ends its streams. */
  close(): Promise<void>;
}

export interface HttpListener {
  /** `http://host:port`, or `https`, as a program on this machine would reach it. */
  readonly url: string;
  /** The requested address, where it was taken and another port is used instead. */
  readonly taken?: string;
  /** Closes the app, waits for open requests up to `graceMs`, then closes their connections. */
  close(graceMs: number): Promise<void>;
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

/**
 * Listens at once and loads the app with the first request.
 *
 * @param address `host:port`; port 0 picks a free one
 * @param load makes the app
 * @throws LockstepError `port-in-use`, or `bad-option` when the address cannot be bound
 */
export async function startHttpListener(
  address: string,
  load: (boundHost: string, onAdmitted: OnAdmitted) => Promise<HttpApp>,
  { tls, mayMove = false, limits = connectionLimits() }: ListenOptions = {},
): Promise<HttpListener> {
  const connections = new ConnectionGuard(limits);
  let app: Promise<HttpApp> | undefined;
  let closing = false;
  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    if (closing) return void response.writeHead(503, { connection: 'close' }).end();
    connections.asked(request.socket);
    app ??= load(host, (peer) => connections.admitted(peer));
    app.then(
      ({ handle }) => handle(request, response),
      (error: unknown) => {
        process.emitWarning(error instanceof Error ? error : String(error));
        response.writeHead(500, { connection: 'close' }).end();
      },
    );
  };
  const timeouts = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const server = tls
    ? createSecureServer({ ...timeouts, ...secure(tls) }, respond)
    : createServer(timeouts, respond);
  connections.watch(server);
  server.on('clientError', respondToGarbage);
  let taken: string | undefined;
  const { host, port } = await listenOn(server, '--http', address).catch((error: unknown) => {
    if (!mayMove || LockstepError.from(error).code !== 'port-in-use') throw error;
    taken = address;
    return listenOn(server, '--http', address.replace(/\d+$/, '0'));
  });
  return {
    url: `${tls ? 'https' : 'http'}://${reachable(host)}:${port}`,
    ...(taken === undefined ? {} : { taken }),
    close: async (graceMs) => {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await (await app?.catch(() => undefined))?.close();
      server.closeIdleConnections();
      // Those without a request, in a TLS handshake for example, are unknown to the HTTP server.
      const timer = setTimeout(() => connections.closeAll(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
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
