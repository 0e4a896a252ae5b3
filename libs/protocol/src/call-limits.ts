import { hostOf, networkOf, RateLimits, type RateLimit } from '@lockstep/core';
import type { Caller } from './protocol-handlers.js';

/** How often a kind of method may be called. */
export type CallKind = 'frequent' | 'health' | 'rare';

/** What a limit counts the messages of. */
export type LimitScope = 'connection' | 'address' | 'credential';

/** Messages per second. */
export type CallRates = Readonly<Record<CallKind, Readonly<Record<LimitScope, number>>>>;

/**
 * Of one connection, of one address (`networkOf`), and of one join token. `docs/operations.md` has the
 * arithmetic: all are far above what workers need.
 */
export const callRates: CallRates = {
  frequent: { connection: 5_000, address: 25_000, credential: 100_000 },
  rare: { connection: 20, address: 100, credential: 400 },
  health: { connection: 100, address: 200, credential: 200 },
};
/** A limit that was not used up for so long allows as much at once. */
const BURST_SECONDS = 5;
/** Calls per address that may come with an invalid token. */
const FAILURES = { perSecond: 1, burst: 20 };

/** Methods that a worker calls for each shard, or several times a second. All others are rare. */
const FREQUENT: readonly string[] = [
  'Take',
  'Submit',
  'SubmitEvaluation',
  'UploadState',
  'Heartbeat',
];
/** Health checks of Kubernetes and load balancers. */
export const HEALTH = '/grpc.health.v1.Health/';

/** A message that was not allowed. */
export interface LimitReached {
  /** `refused`: calls without a valid token. */
  readonly kind: CallKind | 'refused';
  readonly scope: LimitScope;
  /** Address of the caller, for display. */
  readonly peer: string;
  /** Milliseconds until the next message is allowed. */
  readonly waitMs: number;
}

/** Counts messages by kind of method, for each connection, address and credential. */
export class CallLimits {
  readonly #now: () => number;
  readonly #failures = new RateLimits(FAILURES);
  readonly #limits: Readonly<Record<CallKind, Readonly<Record<LimitScope, RateLimits>>>>;

  /** @param now monotonic, in milliseconds */
  constructor(now: () => number, rates: CallRates = callRates) {
    this.#now = now;
    this.#limits = {
      frequent: limitsOf(rates.frequent),
      rare: limitsOf(rates.rare),
      health: limitsOf(rates.health),
    };
  }

  /**
   * The limits of a call that begins.
   *
   * @param path of its method, `/package.Service/Method`
   * @returns counts a message of the call, unless a limit is reached
   */
  begin(path: string, { peer, holder }: Caller): () => LimitReached | undefined {
    const kind = kindOf(path);
    const { connection, address, credential } = this.#limits[kind];
    const scopes: readonly (readonly [LimitScope, RateLimit])[] = [
      ['connection', connection.of(peer)],
      ['address', address.of(networkOf(hostOf(peer)))],
      ...(holder === undefined ? [] : ([['credential', credential.of(holder)]] as const)),
    ];
    return () => {
      const now = this.#now();
      for (const [scope, limit] of scopes) {
        const waitMs = limit.take(now);
        if (waitMs > 0) return { kind, scope, peer, waitMs };
      }
      return undefined;
    };
  }

  /** Counts a call that came without a valid token. */
  failed({ peer }: Caller): LimitReached | undefined {
    const waitMs = this.#failures.of(networkOf(hostOf(peer))).take(this.#now());
    return waitMs > 0 ? { kind: 'refused', scope: 'address', peer, waitMs } : undefined;
  }
}

function kindOf(path: string): CallKind {
  if (path.startsWith(HEALTH)) return 'health';
  return FREQUENT.includes(path.slice(path.lastIndexOf('/') + 1)) ? 'frequent' : 'rare';
}

function limitsOf(
  perSecond: Readonly<Record<LimitScope, number>>,
): Readonly<Record<LimitScope, RateLimits>> {
  const limits = (scope: LimitScope): RateLimits =>
    new RateLimits({ perSecond: perSecond[scope], burst: BURST_SECONDS * perSecond[scope] });
  return {
    connection: limits('connection'),
    address: limits('address'),
    credential: limits('credential'),
  };
}
