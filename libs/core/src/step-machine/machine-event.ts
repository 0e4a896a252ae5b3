import type { RunCondition } from '../run-state.js';
import type { Shard } from '../shard.js';
import type { WorkerId } from './machine-state.js';

/** Identifies one attempt at a shard. */
export interface AttemptRef {
  readonly step: number;
  readonly index: number;
  readonly attempt: number;
}

/** What the shell found when it verified a contribution's bytes. */
export type PayloadCheck = 'ok' | 'wrong-shape' | 'wrong-hash' | 'not-finite';

/** The result of computing a disputed shard again. */
export interface Arbitration {
  /** The right hash. */
  readonly sha256: string;
  /** Whether the right gradient is free of NaN and Inf. */
  readonly finite: boolean;
}

/** The events of a run. */
export type MachineEvent =
  | { readonly type: 'worker-joined'; readonly worker: WorkerId }
  | {
      readonly type: 'worker-heard';
      readonly worker: WorkerId;
      readonly ready: boolean;
      /** The training shard it reports to be computing; absent if it reported none of the two. */
      readonly currentShard?: AttemptRef | 'nothing';
    }
  | {
      readonly type: 'worker-gone';
      readonly worker: WorkerId;
      readonly how: 'lost' | 'left';
      readonly reason: string;
    }
  /** A worker's update stream has ended. */
  | { readonly type: 'stream-closed'; readonly worker: WorkerId }
  | {
      readonly type: 'step-opened';
      readonly step: number;
      readonly shards: readonly Shard[];
      /** Hashes in the ledger, in shard order, if the step is computed again after a restart. */
      readonly recorded?: readonly string[] | undefined;
    }
  | {
      readonly type: 'taken';
      readonly worker: WorkerId;
      readonly term: number;
      readonly ref: AttemptRef;
    }
  | {
      readonly type: 'contributed';
      readonly worker: WorkerId;
      readonly runId: string;
      readonly term: number;
      readonly ref: AttemptRef;
      readonly sha256: string;
      readonly check: PayloadCheck;
    }
  /** The arbiter has computed a disputed shard. */
  | ({ readonly type: 'arbitrated'; readonly step: number; readonly index: number } & Arbitration)
  /** The arbiter cannot compute a disputed shard. */
  | {
      readonly type: 'arbiter-unavailable';
      readonly step: number;
      readonly index: number;
      readonly reason: string;
    }
  | { readonly type: 'queue-lost'; readonly reason: string }
  | { readonly type: 'queue-restored' }
  | { readonly type: 'disk-full'; readonly reason: string }
  | { readonly type: 'disk-freed' }
  | { readonly type: 'paused'; readonly reason: string }
  | { readonly type: 'resumed' }
  | {
      readonly type: 'ended';
      readonly how: 'finished' | 'stopped' | 'failed';
      readonly reason: string;
    }
  /**
   * This process did not run for a while: it was stopped, its machine slept, or it was too busy. What
   * workers sent meanwhile has not been read yet.
   */
  | { readonly type: 'woken'; readonly afterMs: number }
  | { readonly type: 'tick' };

/** The verdict on a take or a contribution. Only `granted` and `counted` change the run. */
export type Verdict =
  | 'granted'
  | 'counted'
  | 'duplicate'
  | 'disputed'
  | 'late'
  | 'stale-term'
  | 'wrong-run'
  | 'wrong-step'
  | 'wrong-shape'
  | 'wrong-hash'
  | 'not-finite'
  | 'unknown-worker'
  | 'quarantined'
  | 'contradicts-ledger';

/** What the shell must do, each with its reason. */
export type MachineEffect =
  | {
      readonly type: 'enqueue';
      readonly shard: Shard;
      readonly attempt: number;
      /** Workers that must not compute this attempt. */
      readonly notFor: readonly WorkerId[];
      readonly reason: string;
    }
  | { readonly type: 'verdict'; readonly verdict: Verdict; readonly reason: string }
  /** Every shard has a counted contribution: these hashes, in shard order, are the step. */
  | { readonly type: 'commit'; readonly step: number; readonly hashes: readonly string[] }
  /** This shard is disputed: the arbiter must compute it, and report the result. */
  | { readonly type: 'arbitrate'; readonly step: number; readonly index: number }
  /** A dispute cannot be decided; the run is paused. */
  | { readonly type: 'undecided'; readonly reason: string }
  | { readonly type: 'condition'; readonly condition: RunCondition }
  | { readonly type: 'worker-lost'; readonly worker: WorkerId; readonly reason: string }
  | { readonly type: 'worker-left'; readonly worker: WorkerId; readonly reason: string }
  | { readonly type: 'quarantine'; readonly worker: WorkerId; readonly reason: string }
  | {
      readonly type: 'fail';
      readonly code: 'diverged' | 'nondeterminism';
      readonly reason: string;
    };
