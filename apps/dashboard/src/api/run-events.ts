import type { components } from '../generated/api.js';

/** An event of `/api/events`, with its time. */
export type RunEvent = components['schemas']['RunEvent'];

/** Parses an event; undefined if it is invalid. */
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
