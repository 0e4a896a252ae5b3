import { hasEnded, type RunEvent, type Verdict, type WorkerEventState } from '@lockstep/core';
import {
  encodeDrain,
  type ContributionHeader,
  type Follower,
  type HeartbeatRequest,
  type LogLine,
} from '@lockstep/protocol';
import type { Collector } from './collector.js';
import type { Evaluations } from './evaluations.js';
import type { Member, Members } from './members.js';
import type { StateAudit } from './state-audit.js';
import { createFigureKeeper, type FigureKeeper, type WorkerFigures } from './worker-figures.js';

/**
 * The workers as the run sees them come and go: keeps their streams and figures, tells the step machine
 * and all that wait for it when one is gone, and says so in an event.
 */
export interface Roster {
  joined(member: Member): void;
  refused(worker: Omit<Member, 'session' | 'joinedAt' | 'local'>, reason: string): void;
  follows(member: Member, follower: Follower): void;
  heard(id: string, heartbeat: HeartbeatRequest): void;
  contributed(id: string, header: ContributionHeader, verdict: Verdict): void;
  /** A shard it has taken is handed to somebody else as well. */
  reissued(id: string): void;
  /** A worker is gone: by its own word, or lost. */
  gone(id: string, how: 'lost' | 'left', reason: string): void;
  /** The step machine has given a worker up already. */
  givenUp(id: string, state: 'lost' | 'quarantined', reason: string): void;
  /** Asks a worker to finish its shard and leave; `absent` when there is none that follows. */
  drain(id: string, reason: string): 'asked' | 'asked-before' | 'absent';
  /** The workers in the order they joined, then those that have gone or were refused lately. */
  figures(): readonly WorkerFigures[];
  /** A worker's log as far as it is known; undefined for one that is not. */
  log(id: string): readonly LogLine[] | undefined;
  /** All answers so far by what became of them, of workers that are gone too. */
  verdicts(): Readonly<Partial<Record<Verdict, number>>>;
}

interface Entry {
  readonly keeper: FigureKeeper;
  follower: Follower | undefined;
}

/** So many that have gone are remembered. */
const MOST_DEPARTED = 50;

export function createRoster(parts: {
  readonly members: Members;
  readonly collector: Collector;
  readonly evaluations: Evaluations;
  readonly stateAudit: Pick<StateAudit, 'gone'>;
  readonly onEvent: (event: RunEvent) => void;
  readonly now: () => number;
}): Roster {
  const { members, collector, evaluations, stateAudit, onEvent, now } = parts;
  const entries = new Map<string, Entry>();
  const departed = new Map<string, FigureKeeper>();
  const verdicts: Partial<Record<Verdict, number>> = {};
  let countedSamples = 0;
  const keep = (worker: WorkerFigures['worker']): FigureKeeper =>
    createFigureKeeper(worker, now, () => countedSamples);

  const say = (
    { id, host, pid }: { id: string; host: string; pid: number },
    state: WorkerEventState,
    reason: string,
  ): void => onEvent({ event: 'worker', id, pid, host, state, reason });

  const keeperOf = (id: string): FigureKeeper | undefined =>
    entries.get(id)?.keeper ?? departed.get(id);

  const depart = (id: string, keeper: FigureKeeper): void => {
    departed.delete(id);
    departed.set(id, keeper);
    const [oldest] = departed.keys();
    if (departed.size > MOST_DEPARTED && oldest !== undefined) departed.delete(oldest);
  };

  const remove = (id: string, state: 'lost' | 'left' | 'quarantined', reason: string): void => {
    const member = members.remove(id);
    if (!member) return;
    const entry = entries.get(id);
    entry?.follower?.end();
    entries.delete(id);
    entry?.keeper.gone({ how: state, reason });
    if (entry) depart(id, entry.keeper);
    say(member, state, reason);
    evaluations.workerGone(id);
    stateAudit.gone(id);
  };

  const gone = (id: string, how: 'lost' | 'left', reason: string): void => {
    if (!members.byId(id)) return;
    remove(id, how, reason);
    collector.tell({ type: 'worker-gone', worker: id, how, reason });
  };

  return {
    joined: (member) => {
      departed.delete(member.id);
      entries.set(member.id, { keeper: keep(member), follower: undefined });
      say(member, 'joined', `${member.backend} backend`);
    },
    refused: (worker, reason) => {
      say(worker, 'refused', reason);
      if (entries.has(worker.id)) return;
      const keeper = keep({ ...worker, joinedAt: now() });
      keeper.gone({ how: 'refused', reason });
      depart(worker.id, keeper);
    },
    follows: (member, follower) => {
      const entry = entries.get(member.id);
      if (!entry) return;
      entry.follower = follower;
      const broken = (): void => {
        if (!members.bySession(member.session, member.holder)) return;
        // When the run is over everybody's stream ends: nobody is lost by that.
        if (hasEnded(collector.state.condition.state)) gone(member.id, 'left', 'the run is over');
        else gone(member.id, 'lost', 'its connection broke');
      };
      if (follower.signal.aborted) broken();
      else follower.signal.addEventListener('abort', broken, { once: true });
    },
    heard: (id, heartbeat) => entries.get(id)?.keeper.heard(heartbeat),
    contributed: (id, header, verdict) => {
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      if (verdict === 'counted') countedSamples += header.sampleCount;
      entries.get(id)?.keeper.contributed(header, verdict);
    },
    reissued: (id) => keeperOf(id)?.reissued(),
    log: (id) => keeperOf(id)?.log,
    gone,
    givenUp: (id, state, reason) => remove(id, state, reason),
    drain: (id, reason) => {
      const entry = entries.get(id);
      if (!entry?.follower) return 'absent';
      if (!entry.keeper.asked()) return 'asked-before';
      entry.follower.send(encodeDrain(reason));
      return 'asked';
    },
    figures: () =>
      [...[...entries.values()].map(({ keeper }) => keeper), ...departed.values()].map((keeper) =>
        keeper.figures(),
      ),
    verdicts: () => verdicts,
  };
}
