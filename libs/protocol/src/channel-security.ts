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

/** What a server listens with: plain text where there is no certificate. */
export function serverCredentials(tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { certificate, key, clientCa } = tls;
  const pair = { cert_chain: certificate, private_key: key };
  return ServerCredentials.createSsl(clientCa ?? null, [pair], clientCa !== undefined);
}

/** What a client connects with, and the channel options that belong to it. */
export function clientCredentials(
  tls: ClientTls | undefined,
  address: string,
): { readonly channel: ChannelCredentials; readonly options: ChannelOptions } {
  if (tls === undefined) return { channel: credentials.createInsecure(), options: {} };
  const { ca = null, identity } = tls;
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const byNumber = isIP(host) !== 0;
  const channel = credentials.createSsl(ca, identity?.key ?? null, identity?.certificate ?? null, {
    // Against the number itself, whatever name the handshake says.
    ...(byNumber && { checkServerIdentity: (_name, cert) => checkServerIdentity(host, cert) }),
  });
  // The handshake's field for the server's name takes names alone (RFC 6066), and grpc-js would put
  // the number there.
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
