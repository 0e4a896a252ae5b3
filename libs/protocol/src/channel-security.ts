import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import {
  type ChannelCredentials,
  type ChannelOptions,
  credentials,
  InterceptingCall,
  type Interceptor,
  ServerCredentials,
} from '@grpc/grpc-js';
import type { ClientTls, ServerTls } from '@lockstep/core';
import { tokenMetadata } from './gate.js';

/** A server's credentials: plain text without a certificate. */
export function serverCredentials(tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { certificate, key, clientCa } = tls;
  const pair = { cert_chain: certificate, private_key: key };
  return ServerCredentials.createSsl(clientCa ?? null, [pair], clientCa !== undefined);
}

/** A client's credentials, with the channel options that they require. */
export function clientCredentials(
  tls: ClientTls | undefined,
  address: string,
): { readonly channel: ChannelCredentials; readonly options: ChannelOptions } {
  if (tls === undefined) return { channel: credentials.createInsecure(), options: {} };
  const { ca = null, identity } = tls;
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const byNumber = isIP(host) !== 0;
  const channel = credentials.createSsl(ca, identity?.key ?? null, identity?.certificate ?? null, {
    // Check the IP address itself instead of the name in the handshake.
    ...(byNumber && { checkServerIdentity: (_name, cert) => checkServerIdentity(host, cert) }),
  });
  // The server name of the handshake must not be an IP address (RFC 6066), but grpc-js would put it
  // there.
  const options = byNumber ? { 'grpc.ssl_target_name_override': 'lockstep' } : {};
  return { channel, options };
}

/** Adds the token to every call of a client. */
export function withToken(token: () => string): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => next(tokenMetadata(metadata, token()), listener),
    });
}
