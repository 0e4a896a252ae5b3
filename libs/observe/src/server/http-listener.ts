import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { listenError, type ServerTls } from '@lockstep/core';

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

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const MOST_CONNECTIONS = 1_000;

/**
 * Listens at once and loads the app with the first request.
 *
 * @param address `host:port`; port 0 picks a free one
 * @param load makes the app
 * @param tls absent: unencrypted HTTP
 * @param mayMove whether any free port is used where that one is taken
 * @throws LockstepError `port-in-use`, or `bad-option` when the address cannot be bound
 */
export async function startHttpListener(
  address: string,
  load: (boundHost: string) => Promise<HttpApp>,
  tls?: ServerTls,
  mayMove = false,
): Promise<HttpListener> {
  const { host, port } = partsOf(address);
  let app: Promise<HttpApp> | undefined;
  let closing = false;
  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    if (closing) return void response.writeHead(503, { connection: 'close' }).end();
    app ??= load(host);
    app.then(
      ({ handle }) => handle(request, response),
      (error: unknown) => {
        process.emitWarning(error instanceof Error ? error : String(error));
        response.writeHead(500, { connection: 'close' }).end();
      },
    );
  };
  const limits = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const server = tls
    ? createSecureServer({ ...limits, ...secure(tls) }, respond)
    : createServer(limits, respond);
  server.maxConnections = MOST_CONNECTIONS;
  server.on('clientError', respondToGarbage);
  const isTaken = await listen(server, host, port).then(
    () => false,
    (cause: NodeJS.ErrnoException) => {
      if (mayMove && cause.code === 'EADDRINUSE') return true;
      throw listenError('--http', address, cause);
    },
  );
  if (isTaken) await listen(server, host, 0);
  const bound = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://${reachable(host)}:${bound.port}`,
    ...(isTaken ? { taken: address } : {}),
    close: async (graceMs) => {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await (await app?.catch(() => undefined))?.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function secure({ certificate, key }: ServerTls): SecureContextOptions {
  return { cert: certificate, key, minVersion: 'TLSv1.2' };
}

function partsOf(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(colon + 1));
  if (colon > 0 && Number.isInteger(port) && port >= 0 && port < 65_536) return { host, port };
  throw listenError('--http', address);
}

/** A host to connect to, where the bound one is a wildcard. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function respondToGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
