import { randomUUID } from 'node:crypto';

/** A worker process that has registered. */
export interface Member {
  readonly id: string;
  /** Names this membership; a worker that registers again gets another. */
  readonly session: string;
  readonly host: string;
  readonly pid: number;
  readonly backend: string;
  /** Whose join token it showed; absent where none is asked for. */
  readonly holder?: string | undefined;
  /** Whether it called from this machine. */
  readonly local: boolean;
  readonly joinedAt: number;
}

/** Who belongs to the run, by session and by id. */
export interface Members {
  /** Makes a worker a member; an earlier membership of the same id is over. */
  add(worker: Omit<Member, 'session' | 'joinedAt'>, now: number): Member;
  /** @param holder whose join token the call carried: a session is its holder's alone */
  bySession(session: string, holder?: string): Member | undefined;
  byId(id: string): Member | undefined;
  /** Ends a membership. @returns the member, if there was one */
  remove(id: string): Member | undefined;
  all(): readonly Member[];
  /** Resolves once nobody belongs to the run. */
  emptied(): Promise<void>;
}

export function createMembers(): Members {
  const sessions = new Map<string, Member>();
  const ids = new Map<string, Member>();
  const waiting: (() => void)[] = [];
  const remove = (id: string): Member | undefined => {
    const member = ids.get(id);
    if (!member) return undefined;
    ids.delete(id);
    sessions.delete(member.session);
    if (ids.size === 0) for (const resolve of waiting.splice(0)) resolve();
    return member;
  };
  return {
    add: (worker, now) => {
      remove(worker.id);
      const member: Member = { ...worker, session: randomUUID(), joinedAt: now };
      ids.set(member.id, member);
      sessions.set(member.session, member);
      return member;
    },
    bySession: (session, holder) => {
      const member = sessions.get(session);
      return member?.holder === holder ? member : undefined;
    },
    byId: (id) => ids.get(id),
    remove,
    all: () => [...ids.values()],
    emptied: () =>
      ids.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
  };
}
