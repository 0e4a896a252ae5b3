import type { EventEmitter } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import { logVerbosity, Server, setLogVerbosity, type ChannelOptions } from '@grpc/grpc-js';
import { systemClock, type ServerTls } from '@lockstep/core';
import { ConnectionGuard, connectionLimits, type ConnectionLimits } from '@lockstep/security';
import { checkCalls, type BeginCheck } from './check-calls.js';
import { CallLimits, type CallRates, type LimitReached } from './call-limits.js';
import { serverCredentials } from './channel-security.js';
import { KEEPALIVE } from './client-channel.js';
import { DEFAULT_MAX_MESSAGE_BYTES } from './encode-parts.js';
import { checkTokens, type Gate } from './gate.js';
import { listenForGrpc } from './grpc-listener.js';
import { createHealth, HealthService } from './health.js';
import { exhausted, limitCalls } from './limit-calls.js';
import type { ProtocolHandlers } from './protocol-handlers.js';
import { encodedService, ProtocolService } from './service.js';
import { refuseViolations } from './validation/refuse-violations.js';

export interface ProtocolServerOptions {
  /** `host:port`; port 0 picks a free one. */
  readonly address: string;
  /** Whether any free port is used where that one is in use. */
  readonly mayMove?: boolean | undefined;
  /** Largest payload of a contribution, in bytes. */
  readonly maxPayloadBytes: number;
  /** Largest single message, in bytes; at least a little above 1 MiB. */
  readonly maxMessageBytes?: number;
  /**
   * How far behind a follower may fall before its stream is ended, in bytes; two messages always
   * fit.
   */
  readonly maxQueuedBytes?: number;
  /** How long the next message of an upload may take. */
  readonly uploadStallMs?: number;
  /** How often a silent connection to a worker is tested. */
  readonly keepaliveMs?: number;
  /** If absent, plain text. TLS 1.2 or later. */
  readonly tls?: ServerTls;
  /** If absent, every caller is admitted. */
  readonly gate?: Gate;
  /**
   * Called with each message that the protocol does not allow: its name in the .proto, and what was
   * wrong. No handler sees such a message.
   */
  readonly onViolation?: (messageName: string, what: string) => void;
  /** If absent, as many connections as the limit on open files permits. */
  readonly limits?: ConnectionLimits;
  /** How often methods may be called. */
  readonly callRates?: CallRates;
  /** Called for each call that is ended since a rate limit was reached. */
  readonly onLimited?: (reached: LimitReached) => void;
  /** Called with any error of a handler that is not a LockstepError. */
  readonly onDefect?: (method: string, error: unknown) => void;
}

export interface ProtocolServer {
  /** `host:port` as bound. */
  readonly address: string;
  /** Ends the long-lived streams, waits for open calls, then cancels the rest. */
  close(graceMs: number): Promise<void>;
}

const MOST_QUEUED_BYTES = 256 * 1024 * 1024;

/** The service's full name, for health checks. */
export const SERVICE_NAME = 'lockstep.v1.Lockstep';

/**
 * Serves the protocol and `grpc.health.v1`.
 *
 * @throws LockstepError `port-in-use` or `bad-option` when the address can't be bound
 */
export async function createProtocolServer(
  handlers: ProtocolHandlers,
  options: ProtocolServerOptions,
): Promise<ProtocolServer> {
  // Failures are thrown; grpc-js would print them as well.
  setLogVerbosity(logVerbosity.NONE);
  const { address, mayMove, tls, gate, limits = connectionLimits() } = options;
  const connections = new ConnectionGuard(limits);
  const interceptors = [checkCalls(checksOf(options, connections))];
  const server = new Server({ ...channelOptions(options), interceptors });
  const service = new ProtocolService(handlers, {
    maxPayloadBytes: options.maxPayloadBytes,
    maxQueuedBytes: options.maxQueuedBytes ?? MOST_QUEUED_BYTES,
    uploadStallMs: options.uploadStallMs ?? 30_000,
    gated: gate !== undefined,
    onDefect: options.onDefect ?? (() => undefined),
  });
  server.addService(encodedService, service.methods);
  const { health, endWatches } = createHealth(['', SERVICE_NAME]);
  server.addService(HealthService, health);
  const credentials = serverCredentials(tls);
  const listener = await listenForGrpc(server, address, credentials, connections, mayMove);
  widenWindows(server);
  return {
    address: listener.address,
    async close(graceMs) {
      listener.close();
      service.endStreams();
      endWatches();
      await shutDown(server, graceMs);
      connections.closeAll();
      service.close();
    },
  };
}

/** What is checked of every call, in this order. */
function checksOf(
  { gate, callRates, onLimited, onViolation }: ProtocolServerOptions,
  connections: ConnectionGuard,
): readonly BeginCheck[] {
  const limits = new CallLimits(() => systemClock.monotonicNow(), callRates);
  const tooMany = (reached: LimitReached): ReturnType<typeof exhausted> => {
    onLimited?.(reached);
    return exhausted(reached);
  };
  return [
    checkTokens(gate, connections, limits, tooMany),
    limitCalls(limits, gate !== undefined, tooMany),
    refuseViolations(onViolation ?? (() => undefined)),
  ];
}

function channelOptions(options: ProtocolServerOptions): ChannelOptions {
  const { maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES, keepaliveMs = KEEPALIVE.intervalMs } =
    options;
  return {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': Math.min(KEEPALIVE.timeoutMs, 2 * keepaliveMs),
    'grpc.keepalive_permit_without_calls': 1,
  };
}

/** `tryShutdown` can wait forever (grpc-node #1458), so it races a timer. */
async function shutDown(server: Server, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const polite = new Promise<boolean>((resolve) => server.tryShutdown(() => resolve(true)));
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, graceMs, false);
  });
  if (!(await Promise.race([polite, late]))) server.forceShutdown();
  clearTimeout(timer);
}

/** Unacknowledged bytes in flight: enough for a gradient. */
export const WINDOW_BYTES = 8 * 1024 * 1024;

/**
 * Widens the server's flow-control windows for uploads. grpc-js applies `flow_control_window` only
 * to clients (grpc-node #3058): with a server's default of 64 KiB a gradient is sent in pieces of
 * 33 kB per round trip, a megabyte in 1.5 s at 50 ms. The HTTP/2 servers are a private field of
 * grpc-js; if they are not found, the windows keep their size.
 *
 * @param server whose listener has been set up
 */
function widenWindows(server: Server): void {
  const { http2Servers } = server as unknown as { http2Servers?: Map<EventEmitter, unknown> };
  for (const each of http2Servers?.keys() ?? []) {
    each.on('session', (session: ServerHttp2Session) => {
      session.settings({ initialWindowSize: WINDOW_BYTES }); // of each call
      session.setLocalWindowSize(WINDOW_BYTES); // of all calls of a connection together
    });
  }
}
