import { Channel, type ChannelInterface, type ChannelOptions } from '@grpc/grpc-js';
import { hostOf, isLoopback, type ClientTls } from '@lockstep/core';
import { clientCredentials } from './channel-security.js';
import { DEFAULT_MAX_MESSAGE_BYTES } from './encode-parts.js';
import { createRenewedChannel } from './renewed-channel.js';

/**
 * Interval of keepalive pings and the wait for a reply: a silent connection is detected within 10
 * s.
 */
export const KEEPALIVE = { intervalMs: 4_000, timeoutMs: 6_000 };

export interface ChannelSettings {
  /** The coordinator's `host:port`. */
  readonly address: string;
  /** If absent, plain text. */
  readonly tls?: ClientTls;
  /** Largest single message, in bytes. */
  readonly maxMessageBytes?: number;
  /** Time limit of connecting, including TLS and HTTP/2; then a new connection is tried. */
  readonly connectTimeoutMs?: number;
  /** How often a silent connection is tested. */
  readonly keepaliveMs?: number;
}

/**
 * A channel to the coordinator, with a connection of its own. It ignores `http_proxy` and
 * `https_proxy`; only gRPC's own variable `grpc_proxy` sets a proxy. Loopback addresses are never
 * proxied.
 */
export function openChannel(
  settings: ChannelSettings,
  environment = process.env,
): ChannelInterface {
  const { address, tls, connectTimeoutMs = 5_000 } = settings;
  const { channel: credentials, options: named } = clientCredentials(tls, address);
  const isProxied = Boolean(environment['grpc_proxy']) && !isLoopback(hostOf(address));
  const options = {
    ...channelOptions(settings),
    ...named,
    'grpc.enable_http_proxy': isProxied ? 1 : 0,
  };
  return createRenewedChannel(() => new Channel(address, credentials, options), connectTimeoutMs);
}

function channelOptions(settings: ChannelSettings): ChannelOptions {
  const { maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES, keepaliveMs = KEEPALIVE.intervalMs } =
    settings;
  return {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': Math.min(KEEPALIVE.timeoutMs, 2 * keepaliveMs),
    // A worker that prepares for the run has no open call.
    'grpc.keepalive_permit_without_calls': 1,
    // Payloads come in bursts; a small window would cost a round trip per 64 KB.
    'grpc-node.flow_control_window': 8 * 1024 * 1024,
    // Callers decide when to retry; back-off must not last minutes.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc.dns_min_time_between_resolutions_ms': 1_000,
  };
}
