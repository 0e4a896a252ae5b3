import type { EventEmitter } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/** Unacknowledged bytes in flight: enough for a gradient. */
export const WINDOW_BYTES = 8 * 1024 * 1024;

/**
 * Widens the server's flow-control windows for uploads. grpc-js applies `flow_control_window` only
 * to clients (grpc-node #3058): with a server's default of 64 KiB a gradient is sent in pieces of
 * 33 kB per round trip, a megabyte in 1.5 s at 50 ms. The HTTP/2 servers are a private field of
 * grpc-js; if they are not found, the windows keep their size.
 *
 * @param server already bound
 */
export function widenWindows(server: Server): void {
  const { http2Servers } = server as unknown as { http2Servers?: Map<EventEmitter, unknown> };
  for (const each of http2Servers?.keys() ?? []) {
    each.on('session', (session: ServerHttp2Session) => {
      session.settings({ initialWindowSize: WINDOW_BYTES }); // of each call
      session.setLocalWindowSize(WINDOW_BYTES); // of all calls of a connection together
    });
  }
}
