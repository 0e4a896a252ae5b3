import type { Engine, EngineSettings } from '@lockstep/engine';
import type { Tracer } from '@lockstep/tracing';

/** Where a worker reaches its run. */
export interface RunAddresses {
  /** The coordinator's `host:port`. */
  readonly coordinator: string;
  readonly redis: string;
}

/** What a worker process is told. */
export interface WorkerOptions {
  /** TensorFlow loads while they are still to come. */
  readonly addresses: RunAddresses | Promise<RunAddresses>;
  /** Unique in the run. */
  readonly id: string;
  /** Where this machine keeps the run's data; by default the run's own name for them. */
  readonly data?: string;
  /** Where this machine keeps the run's model file; by default the name of a built-in. */
  readonly model?: string;
  /** TensorFlow threads, where they are known before the run is; must be the run's own. */
  readonly threads?: number;
  /** How long to wait for a coordinator that cannot be reached, in milliseconds. */
  readonly patienceMs: number;
  /** What computes; TensorFlow in a thread by default. */
  readonly startEngine?: (settings: EngineSettings) => Promise<Engine>;
  /** Records what happens as traces; whoever gave it closes it. */
  readonly tracer?: Tracer;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** What a worker says of itself, for its log. */
export type WorkerEvent =
  | { readonly what: 'joined'; readonly runId: string; readonly term: number }
  | { readonly what: 'ready'; readonly version: number }
  | { readonly what: 'disconnected'; readonly reason: string }
  | {
      readonly what: 'refused-contribution';
      readonly step: number;
      readonly index: number;
      readonly verdict: string;
      readonly reason: string;
    }
  | { readonly what: 'draining'; readonly reason: string }
  | { readonly what: 'trouble'; readonly reason: string };
