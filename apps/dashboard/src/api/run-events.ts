import type { RunState } from './reply.js';

interface Moment {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The events of `/api/events` that the page knows; others are passed over. */
export type RunEvent = Moment &
  (
    | { readonly event: 'state'; readonly state: RunState; readonly reason: string }
    | {
        readonly event: 'step';
        readonly step: number;
        readonly loss: number;
        readonly trainAccuracy?: number;
        readonly samplesPerSecond: number;
        readonly workers: number;
        readonly stepMs?: number;
        readonly learningRate?: number;
      }
    | {
        readonly event: 'evaluation';
        readonly step: number;
        readonly testAccuracy: number;
        readonly testLoss: number;
      }
    | {
        readonly event: 'worker';
        readonly id: string;
        readonly pid: number;
        readonly host: string;
        readonly state: 'joined' | 'lost' | 'left' | 'refused' | 'quarantined';
        readonly reason: string;
      }
    | {
        readonly event: 'checkpoint';
        readonly step: number;
        readonly bytes: number;
        readonly milliseconds: number;
      }
    | {
        readonly event: 'reissue';
        readonly step: number;
        readonly index: number;
        readonly attempt: number;
        readonly reason: string;
      }
    | { readonly event: 'alarm'; readonly code: string; readonly message: string }
    | {
        readonly event: 'run-finished';
        readonly runId: string;
        readonly step: number;
        readonly testAccuracy: number;
        readonly weightsSha256: string;
        readonly seconds: number;
      }
  );

/** An event as it came, or undefined for what is none. */
export function parseRunEvent(data: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== 'object' || value === null) return undefined;
    const { event, at } = value as { event?: unknown; at?: unknown };
    return typeof event === 'string' && typeof at === 'number' ? (value as RunEvent) : undefined;
  } catch {
    return undefined;
  }
}
