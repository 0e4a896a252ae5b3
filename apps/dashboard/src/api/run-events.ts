import type { components } from '../generated/api.js';

/** What `/api/events` sends: an event of the run, and when it was. */
export type RunEvent = components['schemas']['RunEvent'];

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
