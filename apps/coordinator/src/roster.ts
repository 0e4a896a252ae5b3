import { hasEnded, type RunEvent, type Verdict, type WorkerEventState } from '@lockstep/core';
import {
  encodeDrain,
  type ContributionHeader,
  type Follower,
  type HeartbeatRequest,
} from '@lockstep/protocol';
import type { Collector } from './collector.js';
import type { Evaluations } from './evaluations.js';
import type { Member, Members } from './members.js';

/** What is known of a worker beside its membership. */
export interface WorkerFigures {
  readonly member: Member;
  readonly lastHeardAt: number;
  readonly heartbeat: HeartbeatRequest | undefined;
  /** Samples of its contributions that counted. */
  readonly countedSamples: number;
  readonly countedShards: number;
  readonly refusals: Readonly<Partial<Record<Verdict, number>>>;
}

/**
 * The workers as the run sees them come and go: keeps their streams and figures, tells the heart
 * and the evaluations when one is gone, and says so in an event.
 */
export interface Roster {
  joined(member: Member): void;
  refused(worker: { id: string; host: string; pid: number }, reason: string): void;
  follows(member: Member, follower: Follower): void;
  heard(id: string, heartbeat: HeartbeatRequest): void;
  answered(id: string, header: ContributionHeader, verdict: Verdict): void;
  /** A worker is gone: by its own word, or lost. */
  gone(id: string, how: 'lost' | 'left', reason: string): void;
  /** The heart has given a worker up already. */
  givenUp(id: string, state: 'lost' | 'quarantined', reason: string): void;
  /** Asks a worker to finish its shard and leave. */
  drain(id: string, reason: string): boolean;
  figures(): readonly WorkerFigures[];
  /** All answers so far by what became of them, of workers that are gone too. */
  verdicts(): Readonly<Partial<Record<Verdict, number>>>;
}

interface Entry {
  member: Member;
  follower: Follower | undefined;
  lastHeardAt: number;
  heartbeat: HeartbeatRequest | undefined;
  countedSamples: number;
  countedShards: number;
  refusals: Partial<Record<Verdict, number>>;
}

export function createRoster(parts: {
  readonly members: Members;
  readonly collector: Collector;
  readonly evaluations: Evaluations;
  readonly onEvent: (event: RunEvent) => void;
}): Roster {
  const { members, collector, evaluations, onEvent } = parts;
  const entries = new Map<string, Entry>();
  const verdicts: Partial<Record<Verdict, number>> = {};

  const say = (
    { id, host, pid }: { id: string; host: string; pid: number },
    state: WorkerEventState,
    reason: string,
  ): void => onEvent({ event: 'worker', id, pid, host, state, reason });

  const remove = (id: string, state: 'lost' | 'left' | 'quarantined', reason: string): void => {
    const member = members.remove(id);
    if (!member) return;
    entries.get(id)?.follower?.end();
    entries.delete(id);
    say(member, state, reason);
    evaluations.workerGone(id);
  };

  const gone = (id: string, how: 'lost' | 'left', reason: string): void => {
    if (!members.byId(id)) return;
    remove(id, how, reason);
    collector.tell({ type: 'worker-gone', worker: id, how, reason });
  };

  return {
    joined: (member) => {
      entries.set(member.id, {
        member,
        follower: undefined,
        lastHeardAt: member.joinedAt,
        heartbeat: undefined,
        countedSamples: 0,
        countedShards: 0,
        refusals: {},
      });
      say(member, 'joined', `${member.backend} backend`);
    },
    refused: (worker, reason) => say(worker, 'refused', reason),
    follows: (member, follower) => {
      const entry = entries.get(member.id);
      if (!entry) return;
      entry.follower = follower;
      const broken = (): void => {
        if (!members.bySession(member.session)) return;
        // When the run is over everybody's stream ends: nobody is lost by that.
        if (hasEnded(collector.state.condition.state)) gone(member.id, 'left', 'the run is over');
        else gone(member.id, 'lost', 'its connection broke');
      };
      if (follower.signal.aborted) broken();
      else follower.signal.addEventListener('abort', broken, { once: true });
    },
    heard: (id, heartbeat) => {
      const entry = entries.get(id);
      if (entry) Object.assign(entry, { heartbeat, lastHeardAt: Date.now() });
    },
    answered: (id, { sampleCount }, verdict) => {
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      const entry = entries.get(id);
      if (!entry) return;
      if (verdict === 'counted') {
        entry.countedShards += 1;
        entry.countedSamples += sampleCount;
      } else {
        entry.refusals[verdict] = (entry.refusals[verdict] ?? 0) + 1;
      }
    },
    gone,
    givenUp: (id, state, reason) => remove(id, state, reason),
    drain: (id, reason) => {
      const follower = entries.get(id)?.follower;
      follower?.send(encodeDrain(reason));
      return follower !== undefined;
    },
    figures: () => [...entries.values()].map(({ follower: _stream, ...figures }) => figures),
    verdicts: () => verdicts,
  };
}
