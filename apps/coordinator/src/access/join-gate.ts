import {
  judgeJoinToken,
  judgeRecord,
  readJoinTokens,
  watchFile,
  type TokenVerdict,
} from '@lockstep/security';
import type { Gate } from '@lockstep/protocol';

/** Admits workers by their join tokens. */
export interface JoinGate extends Gate {
  /** Why the holder of a once valid token must leave; undefined while it is valid. */
  refusalOf(holder: string): string | undefined;
  /** Reads the file of tokens again if it has changed. @throws LockstepError, once per change */
  refresh(): Promise<void>;
}

/**
 * @param path a file that `lockstep token` writes
 * @throws LockstepError `credentials-unreadable`
 */
export async function openJoinGate(path: string, now: () => number): Promise<JoinGate> {
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
