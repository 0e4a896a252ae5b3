import type { EventEmitter } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/** How much may be on its way unacknowledged: a gradient, over any network that trains at all. */
export const WINDOW_BYTES = 8 * 1024 * 1024;

/**
 * Lets workers send as much at once as they may receive. grpc-js takes `flow_control_window` for a
 * client alone (grpc-node #3058): a server's 64 KiB let a gradient up by some 33 kB a round trip, a
 * megabyte in a second and a half over 50 ms. Its HTTP/2 servers are its own business, so that where
 * they cannot be found the windows stay as they are.
 *
 * @param server bound already
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
