import { join } from 'node:path';
import { LockstepError, type ServerTls } from '@lockstep/core';
import { openRoles, type HttpAccess } from '@lockstep/observe';
import type { Gate } from '@lockstep/protocol';
import {
  allAtOnce,
  judgeJoinToken,
  judgeRecord,
  readJoinTokens,
  readServerTls,
  watchFile,
  type TokenVerdict,
} from '@lockstep/security';
import type { RunParts } from '../run/assemble-run.js';
import { checkExposure, type Exposure } from './access-options.js';

/** Admits workers by their join tokens. */
interface JoinGate extends Gate {
  /** Why the holder of a once valid token must leave; undefined while it is valid. */
  refusalOf(holder: string): string | undefined;
  /** Reads the file of tokens again if it has changed. @throws LockstepError, once per change */
  refresh(): Promise<void>;
}

/**
 * @param path a file that `lockstep token` writes
 * @throws LockstepError `credentials-unreadable`
 */
async function openJoinGate(path: string, now: () => number): Promise<JoinGate> {
  const file = await watchFile(path, readJoinTokens);
  const reasonOf = (verdict: TokenVerdict): string | undefined =>
    verdict.kind === 'refused' ? verdict.message : undefined;
  return {
    admit: (token) => {
      const verdict = judgeJoinToken(file.content, token, now());
      return verdict.kind === 'valid' ? { kind: 'admitted', holder: verdict.record.id } : verdict;
    },
    refusalOf: (holder) => {
      const record = file.content.find(({ id }) => id === holder);
      if (!record) return `join token ${holder} is not there any more`;
      return reasonOf(judgeRecord(record, now()));
    },
    refresh: async () => void (await file.refresh()),
  };
}

/** In the folder of the runs: sessions of users who have logged out. */
const ENDED_SESSIONS = '.ended-sessions';

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
 * @param options.out the folder of the runs; absent: logging out holds until this process ends
 * @throws LockstepError `insecure-address` or `credentials-unreadable`
 */
export async function openAccess(options: Exposure & { readonly out?: string }): Promise<Access> {
  checkExposure(options);
  const { tlsCert: certificate, tlsKey: key, tlsCa: ca, ownWorkers = false } = options;
  const { adminTokenFile: admin, viewerTokenFile: viewer, joinTokens, out } = options;
  const [tls, roles, joinGate] = await allAtOnce([
    readServerTls({ certificate, key, ca }),
    openRoles({ admin, viewer }, out && join(out, ENDED_SESSIONS)),
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

const EVERY_MS = 1_000;

/**
 * Reads changed tokens every second while a run is led, and removes the workers whose join token was
 * revoked or has expired. A file that cannot be read changes nothing and raises an alarm.
 *
 * @returns a function that ends this
 */
export function keepAccess(
  access: Access,
  { workers, steps }: Pick<RunParts, 'workers' | 'steps'>,
  alarm: (message: string) => void,
): () => void {
  const { joinGate } = access;
  const sendAway = (): void => {
    for (const { id, holder } of workers.present()) {
      const reason = holder === undefined ? undefined : joinGate?.refusalOf(holder);
      if (reason !== undefined)
        steps.handle({ type: 'worker-gone', worker: id, how: 'lost', reason });
    }
  };
  const keep = async (): Promise<void> => {
    await access.refresh().catch((error: unknown) => alarm(LockstepError.from(error).message));
    sendAway();
  };
  const timer = setInterval(() => void keep(), EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
