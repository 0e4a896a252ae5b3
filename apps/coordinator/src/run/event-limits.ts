import { hasEnded, RateLimit, type Clock, type Rate, type RunEvent } from '@lockstep/core';

/** Events that workers can cause as often as they like. */
type LimitedEvent = Extract<RunEvent, { readonly omitted?: number }>;

/**
 * Of each kind: above what a run without attack has. Fifty workers that restart together cause 100 to
 * 150 events, and a worker that is killed every other second one event per second.
 */
const rates: Readonly<Record<string, Rate>> = {
  refused: { perSecond: 0.1, burst: 20 },
  quarantined: { perSecond: 0.1, burst: 100 },
  members: { perSecond: 2, burst: 500 },
  reissue: { perSecond: 5, burst: 2_000 },
  state: { perSecond: 2, burst: 200 },
};
/** Of each alarm code. */
const alarms: Rate = { perSecond: 0.1, burst: 50 };

/** The newest event of a kind that was left out, and how many were before it. */
interface HeldBack {
  readonly event: LimitedEvent;
  readonly before: number;
}

class LimitedKind {
  readonly limit: RateLimit;
  held: HeldBack | undefined;

  constructor(rate: Rate) {
    this.limit = new RateLimit(rate);
  }
}

/**
 * Limits the rate of the events that workers cause, so that files, memory and logs do not grow with
 * what a hostile worker does. Of each kind the newest event is written in any case, later, with the
 * number of those that were left out. Other events are written at once.
 */
export class EventLimits {
  readonly #now: () => number;
  readonly #write: (event: RunEvent) => void;
  readonly #kinds = new Map<string, LimitedKind>();

  constructor(clock: Pick<Clock, 'monotonicNow'>, write: (event: RunEvent) => void) {
    this.#now = () => clock.monotonicNow();
    this.#write = write;
  }

  emit(event: RunEvent): void {
    if (!isLimited(event)) return this.#write(event);
    if (event.event === 'state' && hasEnded(event.state)) this.flush();
    const kind = this.#kindOf(event);
    const { held } = kind;
    const omitted = held === undefined ? 0 : held.before + 1;
    if (!isUrgent(event) && kind.limit.take(this.#now()) > 0) {
      kind.held = { event, before: omitted };
      return;
    }
    kind.held = undefined;
    this.#write(withOmitted(event, omitted));
  }

  /** Writes the events that were held back, as far as their rates allow it now. */
  tick(): void {
    for (const kind of this.#kinds.values()) {
      if (kind.held && kind.limit.take(this.#now()) === 0) this.#release(kind);
    }
  }

  /** Writes all events that were held back. */
  flush(): void {
    for (const kind of this.#kinds.values()) this.#release(kind);
  }

  #release(kind: LimitedKind): void {
    if (!kind.held) return;
    const { event, before } = kind.held;
    kind.held = undefined;
    this.#write(withOmitted(event, before));
  }

  #kindOf(event: LimitedEvent): LimitedKind {
    const name = kindName(event);
    const known = this.#kinds.get(name) ?? new LimitedKind(rates[name] ?? alarms);
    this.#kinds.set(name, known);
    return known;
  }
}

function isLimited(event: RunEvent): event is LimitedEvent {
  switch (event.event) {
    case 'worker':
    case 'reissue':
    case 'alarm':
    case 'state':
      return true;
    default:
      return false;
  }
}

/** Only joining and lost workers can change these two states. */
function isUrgent(event: LimitedEvent): boolean {
  if (event.event !== 'state') return false;
  return event.state !== 'running' && event.state !== 'waiting-for-workers';
}

function kindName(event: LimitedEvent): string {
  if (event.event === 'alarm') return `alarm ${event.code}`;
  if (event.event !== 'worker') return event.event;
  return event.state === 'refused' || event.state === 'quarantined' ? event.state : 'members';
}

function withOmitted(event: LimitedEvent, omitted: number): LimitedEvent {
  return omitted === 0 ? event : { ...event, omitted };
}
