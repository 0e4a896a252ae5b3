import type { ServerTls } from '@lockstep/core';
import { openRoles, type HttpAccess } from '@lockstep/observe';
import type { Gate } from '@lockstep/protocol';
import { allAtOnce, readServerTls } from '@lockstep/security';
import { checkExposure, type Exposure } from './check-exposure.js';
import { openJoinGate, type JoinGate } from './join-gate.js';

/** Who may reach this coordinator, and how. */
export interface Access {
  /** What workers connect by. */
  readonly grpc: { readonly tls?: ServerTls; readonly gate?: Gate };
  readonly http: HttpAccess;
  readonly joinGate: JoinGate | undefined;
  /** Reads again what has changed. @throws LockstepError for what cannot be read, once a change */
  refresh(): Promise<void>;
}

/**
 * Reads certificates and tokens, and checks that nothing is left open by mistake.
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
    // A person's browser has no certificate: it logs in.
    http: { ...(tls && { tls: { certificate: tls.certificate, key: tls.key } }), roles },
    joinGate,
    refresh: async () => void (await Promise.all([roles.refresh(), joinGate?.refresh()])),
  };
}
