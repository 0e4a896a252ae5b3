import { createServer, type Socket } from 'node:net';
import type { ConnectionInjector, Server, ServerCredentials } from '@grpc/grpc-js';
import { listenOn, type ConnectionGuard } from '@lockstep/security';

/** The address that a gRPC server listens on. */
export interface GrpcListener {
  /** `host:port` as bound. */
  readonly address: string;
  /** Accepts no more connections; the open ones stay. */
  close(): void;
}

/**
 * Accepts connections for a gRPC server, which has no limits of its own. A connection reaches it with
 * its first bytes, so that a silent one costs neither a TLS handshake nor an HTTP/2 session.
 *
 * @param address `host:port`; port 0 picks a free one
 * @param mayMove whether any free port is used where the requested one is in use
 * @throws LockstepError `port-in-use`, or `bad-option` when the address cannot be bound
 */
export async function listenForGrpc(
  server: Server,
  address: string,
  credentials: ServerCredentials,
  connections: ConnectionGuard,
  mayMove?: boolean,
): Promise<GrpcListener> {
  const injector = server.createConnectionInjector(credentials);
  const listener = createServer({ noDelay: true });
  connections.watch(listener);
  listener.on('connection', (socket) => passOnWithFirstBytes(socket, injector));
  const { port } = await listenOn(listener, '--grpc', address, mayMove);
  return {
    address: `${address.slice(0, address.lastIndexOf(':'))}:${port}`,
    close: () => void listener.close(),
  };
}

function passOnWithFirstBytes(socket: Socket, injector: ConnectionInjector): void {
  socket.on('error', () => undefined); // a peer that resets a connection that is not passed on yet
  socket.once('data', (bytes: Buffer) => {
    socket.pause();
    socket.unshift(bytes);
    injector.injectConnection(socket);
  });
}
