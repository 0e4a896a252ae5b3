import type { ClientTls } from '@lockstep/core';
import type { EngineSettings } from '@lockstep/engine';
import type { SubmitOutcome } from '@lockstep/protocol';
import type { RedisAt } from '@lockstep/queue';
import type { Tracer } from '@lockstep/tracing';

/** Where a worker reaches its run. */
export interface RunAddresses {
  /** The coordinator's `host:port`. */
  readonly coordinator: string;
  readonly redis: RedisAt;
}

/** A worker's join token, which may be replaced while the worker runs. */
export interface JoinToken {
  current(): string;
  /** Reads it again; called before the worker registers anew. */
  refresh(): Promise<void>;
}

/** The settings of one worker. */
export interface WorkerOptions {
  /** May resolve late: TensorFlow loads meanwhile. */
  readonly addresses: RunAddresses | Promise<RunAddresses>;
  /** How to reach the coordinator; if absent, in plain text. */
  readonly tls?: ClientTls;
  /** Sent with every call; absent where the coordinator asks for none. */
  readonly joinToken?: JoinToken;
  /** Proposed as its id: the coordinator adds a number if another worker has it. */
  readonly id: string;
  /** Name of the machine that it reports; by default this one's. */
  readonly host?: string;
  /** Where this machine keeps the run's data; by default the run's own name for them. */
  readonly data?: string;
  /** Where this machine keeps the run's model file; by default the name of a built-in. */
  readonly model?: string;
  /** TensorFlow threads, if known before the run is; must be the run's own. */
  readonly threads?: number;
  /** Where to compute; the run's own device by default. Must be present. */
  readonly device?: EngineSettings['device'];
  /** `host:port` of probes and metrics; port 0 picks a free one; if absent, none are served. */
  readonly http?: string;
  /**
   * When to leave: once the run has ended in any way (the default); once it has finished, waiting for
   * its next coordinator if it was stopped or has failed; or never.
   */
  readonly leaveWhen?: 'ended' | 'finished' | 'never';
  /** Whether a supervisor restarts this process: it then waits without limit for its dependencies. */
  readonly supervised?: boolean;
  /**
   * How long to wait for a coordinator or Redis that cannot be reached, in milliseconds; for a coordinator
   * until the worker computes, over all calls together. A call that is open then may still take ten seconds.
   */
  readonly patienceMs: number;
  /** Records traces; the caller closes it. */
  readonly tracer?: Tracer;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** What a worker reports, for its log. */
export type WorkerEvent =
  /** `worker` is the id that the coordinator issued. */
  | {
      readonly what: 'joined';
      readonly worker: string;
      readonly runId: string;
      readonly term: number;
    }
  | { readonly what: 'ready'; readonly version: number }
  | {
      readonly what: 'contributed';
      readonly step: number;
      readonly index: number;
      readonly attempt: number;
      readonly verdict: SubmitOutcome['verdict'];
      readonly computeMs: number;
      readonly payloadBytes: number;
    }
  | { readonly what: 'memory'; readonly tensors: number }
  /** The run has ended, and the worker stays for the next coordinator. */
  | { readonly what: 'idle'; readonly reason: string }
  | { readonly what: 'disconnected'; readonly reason: string }
  /** A dependency is not available yet; repeated when the reason changes. */
  | { readonly what: 'waiting'; readonly reason: string }
  /** Redis cannot be used during a session; each reason once, then `redis-back`. */
  | { readonly what: 'redis-lost'; readonly reason: string }
  | { readonly what: 'redis-back' }
  | {
      readonly what: 'refused-contribution';
      readonly step: number;
      readonly index: number;
      readonly attempt: number;
      readonly verdict: string;
      readonly reason: string;
    }
  | { readonly what: 'listening'; readonly http: string }
  | { readonly what: 'draining'; readonly reason: string }
  | { readonly what: 'warning'; readonly reason: string };
