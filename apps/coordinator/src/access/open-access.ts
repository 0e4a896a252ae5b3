import type { ServerTls } from '@lockstep/core';
import { openRoles, type HttpAccess } from '@lockstep/observe';
import type { Gate } from '@lockstep/protocol';
import { allAtOnce, readServerTls } from '@lockstep/security';
import { checkExposure, type Exposure } from './check-exposure.js';
import { openJoinGate, type JoinGate } from './join-gate.js';

/** How workers and users may reach this coordinator. */
export interface Access {
  /** TLS and join tokens for workers. */
  readonly grpc: { readonly tls?: ServerTls; readonly gate?: Gate };
  readonly http: HttpAccess;
  readonly joinGate: JoinGate | undefined;
  /** Reads changed files again. @throws LockstepError for an unreadable file, once per change */
  refresh(): Promise<void>;
}

/**
 * Reads certificates and tokens, and checks that no address is exposed by mistake.
 *
 * @throws LockstepError `insecure-address` or `credentials-unreadable`
 */
export async function openAccess(options: Exposure): Promise<Access> {
  checkExposure(options);
  const { tlsCert: certificate, tlsKey: key, tlsCa: ca, ownWorkers = false } = options;
  const { adminTokenFile: admin, viewerTokenFile: viewer, joinTokens } = options;
  const [tls, roles, joinGate] = await allAtOnce([
    readServerTls({ certificate, key, ca }),
    openRoles({ admin, viewer }),
    joinTokens === undefined ? undefined : openJoinGate(joinTokens, Date.now),
  ]);
  const workers = { ...(tls && { tls }), ...(joinGate && { gate: joinGate }) };
  return {
    grpc: ownWorkers ? {} : workers,
    // Browsers have no client certificate: users log in.
    http: { ...(tls && { tls: { certificate: tls.certificate, key: tls.key } }), roles },
    joinGate,
    refresh: async () => void (await Promise.all([roles.refresh(), joinGate?.refresh()])),
  };
}
